/** A recording of the local Azure's own making, so that tests of the comparison need no other. */

import type { Exchange, Scenario } from '../../src/conformance/scenario.ts';
import type { JsonObject } from '../../src/json.ts';
import { Bench, compute, fromMachine, machineId, osDiskId, version } from '../gallery.ts';

class Recorder {
  readonly #bench = new Bench();
  readonly #startedAt = this.#bench.clock.now();
  readonly #exchanges: Exchange[] = [];

  scenario(label: string): Scenario {
    return { label, startedAt: this.#startedAt, exchanges: this.#exchanges };
  }

  /** Sends a request some seconds after the one before. */
  async send(method: string, target: string, body?: JsonObject, after = 1): Promise<Exchange> {
    this.#bench.clock.advance(after);
    const url = new URL(target, 'https://management.azure.com');
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    const asked = new Request(`${this.#bench.azure.endpoint}${url.pathname}${url.search}`, init);
    const response = await this.#bench.azure.fetch(asked);
    const text = await response.text();
    const exchange: Exchange = {
      index: this.#exchanges.length,
      time: (this.#bench.clock.now() - this.#startedAt) / 1000,
      command: '',
      method,
      url,
      body,
      status: response.status,
      headers: new Map(response.headers),
      answer: text === '' ? undefined : JSON.parse(text),
    };
    this.#exchanges.push(exchange);
    return exchange;
  }

  /** Sends a write and polls its operation while it runs and when it has ended. */
  async operate(method: string, target: string, body: JsonObject | undefined, seconds: number) {
    const { headers } = await this.send(method, target, body);
    const poll = headers.get('azure-asyncoperation') ?? '';
    await this.send('GET', poll);
    await this.send('GET', poll, undefined, seconds);
  }
}

/**
 * A version in two regions from its making to its deletion, a VM that is deallocated, refusals: what
 * has states, regions, operations and errors.
 */
export async function ownRecording(): Promise<Scenario> {
  const recorder = new Recorder();
  const [vms, disks, galleries] = ['2024-07-01', '2024-03-02', '2023-07-03'];
  const path = `${compute(version('1.0.0'))}?api-version=${galleries}`;
  const vm = (action = '') => `${machineId}${action}?api-version=${vms}`;
  await recorder.send('GET', `${vm()}&$expand=instanceView`);
  await recorder.send('GET', `${osDiskId}?api-version=${disks}`);
  await recorder.send('GET', `${compute('disks/build_Data')}?api-version=${disks}`);
  await recorder.send('GET', `${compute('galleries/golden')}?api-version=${galleries}`);
  await recorder.send(
    'GET',
    `${compute('galleries/golden/images/ubuntu')}?api-version=${galleries}`,
  );
  await recorder.send('GET', path);
  await recorder.send('PUT', path, { ...fromMachine('westeurope'), location: 'westus' });
  await recorder.operate('PUT', path, fromMachine('westeurope', 'northeurope'), 1200);
  await recorder.send('GET', path);
  await recorder.send('GET', `${path}&$expand=ReplicationStatus`);
  await recorder.send('POST', vm('/generalize'), {});
  await recorder.operate('POST', vm('/deallocate'), undefined, 120);
  await recorder.send('GET', vm('/instanceView'));
  await recorder.send(
    'GET',
    `${compute('galleries/golden/images/ubuntu/versions')}?api-version=${galleries}`,
  );
  await recorder.operate('DELETE', path, undefined, 300);
  await recorder.send('GET', path);
  return recorder.scenario('own');
}
