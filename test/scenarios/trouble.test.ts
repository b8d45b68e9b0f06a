import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { OTHER_WAY } from '../../local-azure/src/unknowns.ts';
import { cloneVm } from './fleet.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure, promote } from './harness.ts';
import { DESTINATION, devAndProduction } from './promotion.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

function vmOf(azure: LocalAzure) {
  azure.settle();
  return azure.world.get(buildVm(azure));
}

const powerOf = (azure: LocalAzure): string => JSON.stringify(vmOf(azure)?.properties.instanceView);

describe('a guest whose deprovision goes wrong', () => {
  it('leaves the VM running and says in which phase it failed', async () => {
    const azure = localAzure();
    const { failure, heard } = await capture(azure, {
      request: { deprovisionScript: 'echo "licence server says no"\nexit 3' },
    });
    expect(failure?.kind).toBe('refused');
    expect(failure?.what).toMatch(
      /failed in the guest in phase deprovision-script with exit code 3/,
    );
    expect(heard.lines).toContain('guest: licence server says no');
    expect(powerOf(azure)).toContain('PowerState/running');
    expect(powerOf(azure)).not.toContain('OSState/generalized');
  });

  it('is waited for no longer than allowed, then shown', async () => {
    const azure = localAzure();
    const { failure, seconds } = await capture(azure, {
      request: { deprovisionScript: 'sleep 7200', deprovisionTimeoutSeconds: 600 },
    });
    expect(failure?.what).toContain('within 10 minutes');
    expect(seconds).toBeLessThan(900);
    expect(powerOf(azure)).not.toContain('OSState/generalized');
  });

  it('goes on in the next attempt where it was left', async () => {
    const azure = localAzure();
    const request = { deprovisionScript: 'sleep 900', deprovisionTimeoutSeconds: 600 };
    const first = await capture(azure, { request });
    expect(first.failure?.what).toContain('within 10 minutes');
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    expect(again.heard.started[0]).toBe('deprovision');
  });

  it('never makes an image of a VM that somebody stopped in the midst of it', async () => {
    const azure = localAzure();
    const running = capture(azure, { request: { deprovisionScript: 'sleep 300' } });
    await wait(60);
    azure.settle();
    const headers = { authorization: `Bearer ${azure.accessToken()}` };
    const url = `${azure.endpoint}${buildVm(azure)}/powerOff?api-version=2024-07-01`;
    await azure.fetch(new Request(url, { method: 'POST', headers }));
    const { failure } = await running;
    expect(failure?.what).toContain('does not show that the deprovision completed');
    expect(powerOf(azure)).not.toContain('OSState/generalized');
    const again = await capture(azure);
    expect(again.failure?.kind).toBe('refused');
    expect(powerOf(azure)).not.toContain('OSState/generalized');
  });

  it('is refused with every reason when it is not ready, and nothing is scheduled', async () => {
    const azure = localAzure({ guests: () => ({ rebootPending: true }) });
    const { failure } = await capture(azure);
    expect(failure?.what).toContain('not ready to be deprovisioned');
    expect(failure?.message).toMatch(/reboot/);
    expect(powerOf(azure)).toContain('PowerState/running');
  });

  it('is not called unchanged when it refuses after a failure', async () => {
    const azure = localAzure();
    const deprovisionScript = 'touch /run/reboot-required; exit 3';
    const run = () => capture(azure, { request: { deprovisionScript } });
    expect((await run()).failure?.what).toContain(
      'failed in the guest in phase deprovision-script',
    );
    const { failure } = await run();
    expect(failure?.what).toContain('not ready to be deprovisioned');
    expect(failure?.remedy).toContain('This attempt changed nothing in the guest.');
  });
});

describe('a write that Azure refuses', () => {
  const refusal = (status: number, code: string) => ({
    status,
    body: { error: { code, message: 'No.' } },
  });
  it.each([
    ['by a policy', [refusal(403, 'RequestDisallowedByPolicy')], false],
    ['by a lock', [refusal(409, 'ScopeLocked')], false],
    ['as wrong', [refusal(400, 'InvalidParameter')], false],
    ['once there is time for it', [refusal(429, 'TooManyRequests'), refusal(400, 'X')], false],
    ['after an answer that was lost', [{ reset: true as const }, refusal(400, 'X')], true],
  ])('%s changes nothing, unless an earlier attempt may have', async (_, fates, changed) => {
    const azure = await devAndProduction();
    for (const fate of fates)
      azure.faults.add({ match: { method: 'PUT', path: '**/versions/*' }, times: 1, fate });
    const { failure, record } = await promote(azure, { destination: DESTINATION });
    expect(failure?.kind).toBe('refused');
    expect(record.changed).toBe(changed);
  });
});

describe('a version that fails', () => {
  it('is explained in Azure’s words, then deleted and made anew by the next attempt', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: {
        operation: {
          status: 'Failed',
          error: { code: 'InternalOperationError', message: 'Copy job broke.' },
        },
      },
    });
    const first = await capture(azure);
    expect(first.failure?.message).toContain('Copy job broke.');
    expect(first.heard.known?.version).toMatch(/1\.0\.0$/);
    const again = await capture(azure);
    expect(again.failure).toBeUndefined();
    expect(again.heard.started).toEqual(['delete', 'publish', 'replicate']);
    expect(again.heard.known?.version).toMatch(/1\.0\.0$/);
  });

  const regions = [{ name: 'westeurope' }, { name: 'northeurope' }];
  const fails = (azure: LocalAzure, times: number) =>
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      times,
      fate: { region: { name: 'northeurope', state: 'Failed', details: 'No capacity there.' } },
    });

  it('in one region is told at once and sent once more, while the others are finished', async () => {
    const azure = localAzure();
    fails(azure, 1);
    const { failure, heard } = await capture(azure, { request: { regions } });
    expect(failure).toBeUndefined();
    expect(heard.started.slice(-4)).toEqual(['publish', 'replicate', 'update', 'replicate']);
    expect(heard.warnings[0]).toContain('northeurope failed: No capacity there.');
    expect(heard.warnings[1]).toContain('sent once more');
    expect(heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
  });

  it('in one region again is repaired by the next attempt', async () => {
    const azure = localAzure();
    fails(azure, 2);
    const first = await capture(azure, { request: { regions } });
    expect(first.failure?.remedy).toContain('Re-run the failed job; it resumes here');
    const again = await capture(azure, { request: { regions } });
    expect(again.failure).toBeUndefined();
    expect(again.heard.started).toEqual(['update', 'replicate']);
  });

  it('in one region twice is reported with that region’s details', async () => {
    const azure = localAzure();
    fails(azure, 2);
    const { failure, heard } = await capture(azure, { request: { regions } });
    expect(failure?.message.match(/No capacity there\./g)).toHaveLength(1);
    expect(failure?.message).toContain('northeurope');
    expect(heard.replication).toMatchObject([{ state: 'Completed' }, { state: 'Failed' }]);
  });
});

describe('two runs at once', () => {
  it('with `auto` make two versions, each its own', async () => {
    const azure = localAzure();
    const twin = cloneVm(azure, 'build-twin');
    const [one, two] = await Promise.all([
      capture(azure, { runId: '1' }),
      capture(azure, { runId: '2', request: { vm: twin } }),
    ]);
    expect([one.failure, two.failure]).toEqual([undefined, undefined]);
    const versions = [one, two].map(({ heard }) => heard.known?.version.split('/').at(-1));
    expect(versions.toSorted()).toEqual(['1.0.0', '1.0.1']);
  });
});

describe('where nobody knows how Azure behaves', () => {
  it.each([
    ['a running VM, with snapshots', 'ubuntu-2404', true],
    ['a specialized definition', 'ubuntu-2404-specialized', false],
  ] as const)('the other way round works as well: %s', async (_, definition, snapshot) => {
    const azure = localAzure({ unknowns: OTHER_WAY });
    const run = await capture(azure, {
      request: { definition: definitionId(azure, definition), snapshot },
    });
    expect(run.failure).toBeUndefined();
    expect(run.heard.replication).toMatchObject([{ state: 'Completed' }]);
  });
});
