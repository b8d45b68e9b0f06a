import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { writesAmong } from '../runner/control.ts';
import { isCalm } from '../runner/weather.ts';
import { capture, fakeClock, localAzure, promote, verifySettings } from './harness.ts';
import { DESTINATION, devAndProduction } from './promotion.ts';
import { deny, restrict } from './world-changes.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const CHECK = 'checkPolicyRestrictions';
const asked = (azure: LocalAzure) =>
  azure.requests.all().filter(({ path }) => path.endsWith(CHECK));
const VERSION = 'Microsoft.Compute/galleries/images/versions';
const all = (azure: LocalAzure): Partial<CaptureRequest> => ({
  snapshot: true,
  verify: verifySettings(azure),
});

// A policy of this test takes the place of the weather.
describe.runIf(isCalm())('a policy that denies what a capture makes', () => {
  it.each([
    ['a snapshot', 'Microsoft.Compute/snapshots', 'take snapshot', '`snapshot`, `capture-from`'],
    ['the version', VERSION, 'create image version 1.0.0', '`target-regions`'],
    [
      'the throw-away VM',
      'Microsoft.Compute/virtualMachines',
      'make VM verify-',
      '`verify-resource-group`',
    ],
  ])('%s: is told before anything changes', async (_, type, doing, remedy) => {
    const azure = localAzure();
    deny(azure, type);
    const { heard } = await capture(azure, { request: all(azure) });
    expect(heard.findings[0]).toMatchObject({ rule: 'policy-denies', severity: 'error' });
    expect(heard.findings[0]?.message).toContain(`is going to refuse to ${doing}`);
    expect(heard.findings[0]?.remedy).toContain(remedy);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it.each([
    ['*', 0],
    ['*/read', 0],
    ['Microsoft.PolicyInsights/checkPolicyRestrictions/read', 1],
    ['Microsoft.PolicyInsights/*', 1],
  ])('is told where a role names the action: %s', async (action, requests) => {
    const azure = localAzure();
    deny(azure);
    restrict(azure, ['Microsoft.Authorization/permissions/read', 'Microsoft.Compute/*', action]);
    const { heard } = await capture(azure, { dryRun: true });
    expect(asked(azure)).toHaveLength(requests);
    const told = heard.findings.filter(({ rule }) => rule === 'policy-denies');
    expect(told).toHaveLength(requests);
  });

  it('passes with the tag that it asks for; each kind costs one request', async () => {
    const azure = localAzure();
    deny(azure, VERSION, 'cost-center');
    const refused = await capture(azure, { request: all(azure) });
    expect(refused.failure?.message).toContain('which looks at tags[cost-center]');
    azure.requests.clear();
    const tags = { 'cost-center': '4711' };
    const run = await capture(azure, { request: { ...all(azure), tags } });
    expect(run.failure).toBeUndefined();
    const kinds = asked(azure).map(({ body }) => JSON.stringify(body));
    expect(kinds.map((body) => /"type":"([^"]+)"/.exec(body)?.[1])).toEqual([
      'Microsoft.Compute/snapshots',
      VERSION,
      'Microsoft.Compute/virtualMachines',
    ]);
    expect(kinds[1]).toContain('"storageAccountStrategy":"PreferStandard_ZRS"');
  });

  it('is not foretold where another policy adds a tag first', async () => {
    const azure = localAzure();
    deny(azure);
    azure.weather.set({
      policies: [
        { types: [VERSION], effect: 'add', tag: 'cost-center', value: '1' },
        { types: [VERSION], effect: 'deny', tag: 'cost-center' },
      ],
    });
    expect((await capture(azure)).failure).toBeUndefined();
    expect(asked(azure)).toHaveLength(1);
  });

  it.each([403, 404, 400])('is met later where the question is answered %d', async (status) => {
    const azure = localAzure();
    restrict(azure, ['*', 'Microsoft.PolicyInsights/*']);
    const fate = { status };
    azure.faults.add({ match: { method: 'POST', path: `**/${CHECK}` }, times: 99, fate });
    expect((await capture(azure)).failure).toBeUndefined();
    expect(azure.faults.hits).toBe(1);
  });

  it('does not end a run that Azure Policy does not answer', async () => {
    const azure = localAzure();
    restrict(azure, ['*', 'Microsoft.PolicyInsights/*']);
    const fate = { status: 503 };
    azure.faults.add({ match: { method: 'POST', path: `**/${CHECK}` }, times: 99, fate });
    expect((await capture(azure)).failure).toBeUndefined();
    expect(azure.faults.hits).toBe(3);
  });
});

it.runIf(isCalm())('a policy that denies a copy is told before anything changes', async () => {
  const azure = await devAndProduction();
  deny(azure);
  const { heard } = await promote(azure, { destination: DESTINATION });
  expect(heard.findings[0]).toMatchObject({ rule: 'policy-denies' });
  expect(writesAmong(azure.requests.all())).toEqual([]);
});
