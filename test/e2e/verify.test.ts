import { describe, expect, it } from 'vitest';
import { asResource } from '../../local-azure/src/world.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { slice } from '../runner/slice.ts';
import { errorsIn, requestSeen, type Stage, setPower, stage } from './harness.ts';

const VM = '**/virtualMachines/verify-*';

/** What a capture is given to be verified. */
const asked = ({ azure }: Stage, more: Record<string, string> = {}) => ({
  deprovision: 'never',
  verify: 'boot',
  'verify-subnet': `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build/subnets/default`,
  ...more,
});

/** Every version, whether it can be `latest` anywhere, and what its record says. */
async function versionsIn({ control }: Stage) {
  const all = (await control.world()).filter(({ id }) => /\/versions\/[^/]+$/.test(id));
  return all.map(({ id, properties, tags }) => {
    const profile = properties?.publishingProfile as Profile | undefined;
    const isOpen = profile?.targetRegions.some((each) => each.excludeFromLatest === false);
    return {
      number: id.split('/').at(-1) ?? '',
      latest: profile?.excludeFromLatest !== true || isOpen === true,
      record: (tags?.['golden-image-verification'] ?? '').split(' ')[0],
    };
  });
}

interface Profile {
  readonly excludeFromLatest: boolean;
  readonly targetRegions: readonly { readonly excludeFromLatest?: boolean }[];
}

/** VMs, interfaces and disks of a verification. */
const leftIn = async ({ control }: Stage): Promise<string[]> =>
  (await control.world()).map(({ id }) => id).filter((id) => /\/verify-[^/]*$/.test(id));

/** A deprovisioned VM is ready to be captured; what is made of the default definition boots so. */
async function ready(properties: Record<string, unknown> = {}): Promise<Stage> {
  const local = await stage(600);
  await setPower(local, 'deallocated');
  await guest(local, { generalized: true, ...properties });
  return local;
}

async function guest({ azure, control }: Stage, properties: Record<string, unknown>) {
  const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/ubuntu-2404/providers/LocalAzure/guests/default`;
  await control.setWorld([...(await control.world()), asResource({ id, properties })] as never);
}

const told = ({ exitCode, outputs }: ActionRun) => ({
  exitCode,
  state: outputs.state,
  verified: outputs.verified,
  number: outputs['image-version-id']?.split('/').at(-1) ?? '',
});

describe('the bundle, with `verify: boot`', () => {
  it('puts a version into latest once it has passed, and changes nothing when run again', async () => {
    await using local = await ready();
    const inputs = asked(local, { 'verify-script': 'exit 0' });
    const run = await local.run(inputs);
    expect(told(run)).toEqual({
      exitCode: 0,
      state: 'succeeded',
      verified: 'true',
      number: '1.0.0',
    });
    expect(JSON.parse(run.outputs.verification ?? '')).toMatchObject({ passed: true, exitCode: 0 });
    expect(await versionsIn(local)).toEqual([{ number: '1.0.0', latest: true, record: 'passed' }]);
    expect(await leftIn(local)).toEqual([]);
    const requests = await local.control.requests();
    const script = requests.findIndex(({ path }) => /verify-\w+\/runCommand$/.test(path));
    const opens = requests.findIndex(
      ({ method, path, body }) =>
        method === 'PUT' &&
        /\/versions\//.test(path) &&
        JSON.stringify(body).includes('"excludeFromLatest":false'),
    );
    expect(opens).toBeGreaterThan(script);
    await local.control.forgetRequests();
    const again = await local.run(inputs);
    expect(again.outputs).toMatchObject({ changed: 'false', verified: 'true', state: 'succeeded' });
    expect(await local.writes()).toEqual([]);
  });

  it('keeps a version out of latest whose script fails', async () => {
    await using local = await ready();
    const run = await local.run(asked(local, { 'verify-script': 'exit 3' }));
    expect(told(run)).toEqual({
      exitCode: 1,
      state: 'failed',
      verified: 'false',
      number: '1.0.0',
    });
    expect(errorsIn(run.log)[0]).toContain('exit code 3');
    expect(await versionsIn(local)).toEqual([{ number: '1.0.0', latest: false, record: 'failed' }]);
    expect(await leftIn(local)).toEqual([]);
  });

  it.each([
    [true, { exitCode: 0, state: 'succeeded', verified: 'true', number: '' }],
    [false, { exitCode: 1, state: 'failed', verified: 'false', number: '' }],
  ])('gives an ephemeral version its verdict, boots: %s', async (boots, end) => {
    await using local = await ready({ boots });
    const run = await local.run(asked(local, { ephemeral: 'true' }));
    expect(told(run)).toEqual(end);
    expect(await versionsIn(local)).toEqual([]);
    expect(await leftIn(local)).toEqual([]);
  });

  it('says nothing of an image that no VM could be made of, and `post` deletes it', async () => {
    await using local = await ready();
    const error = { code: 'SkuNotAvailable', message: 'The size is not available.' };
    await local.misfortune('PUT', VM, { status: 409, body: { error } });
    const run = await local.run(asked(local, { ephemeral: 'true' }));
    expect(told(run)).toEqual({ exitCode: 1, state: 'failed', verified: '', number: '' });
    expect(run.outputs.verification).toBe('{}');
    expect(await versionsIn(local)).toEqual([]);
  });

  it('lists what is wrong with its inputs once each', async () => {
    await using local = await ready();
    const run = await local.run({
      verify: 'boot',
      ephemeral: 'true',
      'verify-on-failure': 'delete',
      'target-regions': 'eastus2',
      'image-version': '1.2.3',
      'verify-subnet': 'not-an-id',
      'verify-timeout-minutes': '0',
      'verify-vm-size': '../x',
    });
    expect(run.exitCode).toBe(1);
    const [error = ''] = errorsIn(run.log);
    for (const name of [
      'verify-on-failure` is given',
      'target-regions` is given',
      'image-version` is given',
      'verify-subnet` is',
      'verify-timeout-minutes` is',
      'verify-vm-size` is',
    ])
      expect(error.split(`\`${name}`)).toHaveLength(2);
    expect(await local.writes()).toEqual([]);
  });
});

/**
 * Where the run is ended: when Azure has acted on this request. Every second point has each request and
 * each signal once.
 */
const POINTS = [
  ['SIGTERM', 'PUT', VM],
  ['SIGKILL', 'PUT', VM],
  ['SIGINT', 'POST', `${VM}/runCommand`],
  ['SIGKILL', 'POST', `${VM}/runCommand`],
  ['SIGKILL', 'DELETE', VM],
  ['SIGTERM', 'DELETE', VM],
] as const;

describe('a verification that is ended from outside', () => {
  it.each(slice(POINTS, 2))('by %s at %s %s leaves nothing', async (signal, method, path) => {
    await using local = await ready();
    const inputs = asked(local, { 'verify-script': 'exit 0' });
    const seen = () => requestSeen(local, method, path, true);
    const ended = await local.run(inputs, { signalAt: { seen, signal } });
    expect(ended.exitCode).not.toBe(0);
    // The VM is deleted when the verdict is there.
    expect(ended.outputs.verified ?? '').toBe(method === 'DELETE' ? 'true' : '');
    expect(ended.post.exitCode).toBe(0);
    expect((await versionsIn(local)).map(({ latest }) => latest)).toEqual([false]);
    expect(await leftIn(local)).toEqual([]);
    const again = await local.run(inputs);
    expect(told(again)).toMatchObject({ exitCode: 0, verified: 'true', number: '1.0.0' });
    expect(await versionsIn(local)).toEqual([{ number: '1.0.0', latest: true, record: 'passed' }]);
    expect(await leftIn(local)).toEqual([]);
  });
});

it.each([{ GITHUB_JOB: 'other' }, { GITHUB_RUN_ID: '99' }])(
  'a run that is ended while it waits for another job leaves that its VM: %j',
  async (env) => {
    await using local = await ready();
    await local.run({ deprovision: 'never' });
    const inputs = {
      operation: 'verify',
      ...{ vm: '', gallery: '', 'image-definition': '' },
      'source-image-version': 'golden/ubuntu-2404/1.0.0',
      'verify-subnet': asked(local)['verify-subnet'],
      'verify-timeout-minutes': '300',
    };
    const seen = () => requestSeen(local, 'PUT', VM, true);
    await local.run(inputs, { signalAt: { seen, signal: 'SIGKILL' }, mainOnly: true });
    const line = /Another run may be at work/;
    const ended = await local.run(inputs, { env, signalAt: { line, signal: 'SIGTERM' } });
    expect(ended.log).toMatch(line);
    expect(ended.post.exitCode).toBe(0);
    expect(await leftIn(local)).not.toEqual([]);
    const again = await local.run(inputs, { env: { GITHUB_RUN_ATTEMPT: '2' } });
    expect(told(again)).toMatchObject({ exitCode: 0, verified: 'true' });
    expect(await leftIn(local)).toEqual([]);
  },
);

it('an ephemeral version that `post` cannot delete is named with the command that does', async () => {
  await using local = await ready();
  const error = { code: 'AuthorizationFailed', message: 'No.' };
  await local.misfortune('DELETE', '**/versions/*', { status: 403, body: { error } }, 9);
  const seen = () => requestSeen(local, 'PUT', VM, true);
  const run = await local.run(asked(local, { ephemeral: 'true' }), {
    signalAt: { seen, signal: 'SIGTERM' },
  });
  expect(run.post.log).toMatch(/::warning.*az resource delete --ids .*\/versions\/0\.0\.\d+/s);
});
