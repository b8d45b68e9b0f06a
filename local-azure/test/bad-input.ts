/** What the tests of bad input share: a client of a local Azure in a process, and what answers must be. */
import { Agent } from 'node:https';
import fc from 'fast-check';
import { expect } from 'vitest';
import { DEFAULT_SUBSCRIPTION } from '../src/default-world.ts';
import { type Answer, AzureProcess, type Sent } from './azure-process.ts';
import { goodWritesNeed } from './good-bodies.ts';

/** What properties begin from, so that a run can be had again. */
export const seed = 20260301;

/** Texts of printable ASCII without blanks. */
export const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
});

/** Path of something in Microsoft.Compute of the default world. */
export const compute = (tail: string): string =>
  `/subscriptions/${DEFAULT_SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute/${tail}`;

/** A resource that is there, with a query that is good. */
export const good = `${compute('virtualMachines/build-linux')}?api-version=2024-07-01`;

/** Signed in, over connections that stay open. */
export class BadClient {
  readonly azure: AzureProcess;
  readonly token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #world: string;

  private constructor(azure: AzureProcess, token: string, world: string) {
    this.azure = azure;
    this.token = token;
    this.#world = world;
  }

  /** Starts the process, so fast that request limits fill up again at once, and signs in. */
  static async start(): Promise<BadClient> {
    const azure = await AzureProcess.start('--speed', '36000');
    const world = JSON.parse((await azure.call('GET', '/_local/world')).text);
    const all = JSON.stringify([...world, ...goodWritesNeed]);
    const client = new BadClient(azure, await azure.signIn(), all);
    await client.reset();
    return client;
  }

  /** The world is as at the beginning. */
  async reset(): Promise<void> {
    const answer = await this.send('PUT', '/_local/world', { body: this.#world });
    expect(answer.status, answer.text).toBe(204);
  }

  /** One request with a good token, unless the headers say otherwise. */
  async send(method: string, path: string, { body, headers }: Sent = {}): Promise<Answer> {
    const own = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const sent = { body, headers: { ...own, ...headers }, agent: this.#agent };
    const answer = await this.azure.call(method, path, sent);
    if (answer.status !== 429) return answer;
    await this.azure.call('POST', '/_local/clock', { body: '{"advanceSeconds": 1800}' });
    return this.send(method, path, { body, ...(headers && { headers }) });
  }

  /** It still runs, a good request works, and nothing that it did was unforeseen. */
  async expectWell(): Promise<void> {
    const answer = await this.send('GET', good);
    expect([answer.status, JSON.parse(answer.text).name]).toEqual([200, 'build-linux']);
    expect(this.azure.isRunning()).toBe(true);
    expect(this.azure.complaints()).not.toMatch(/^local Azure:|^\s+at /m);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.azure.stop();
  }
}

/** An error is JSON in Azure's shape; one that is the local Azure's own fault is never good. */
export function expectAzuresShape(answer: Answer): void {
  const isGap = answer.status === 501 && codeOf(answer) === 'NotModelled';
  expect(answer.status >= 500 && !isGap, `${answer.status} ${answer.text}`).toBe(false);
  if (answer.status < 400) return;
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(JSON.parse(answer.text)).toMatchObject({
    error: { code: expect.stringMatching(/^\w+$/), message: expect.stringMatching(/\S/) },
  });
}

/** The error's code. */
export function codeOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text).error?.code;
  } catch {
    return undefined;
  }
}

/** Status and code of an answer in Azure's shape. */
export function refusalOf(answer: Answer): [number, unknown] {
  expectAzuresShape(answer);
  return [answer.status, codeOf(answer)];
}
