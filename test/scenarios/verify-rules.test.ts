import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { rulesOf } from '../../src/plan/preflight/chapters.ts';
import { capture, fakeClock, localAzure, verifyIt, verifySettings } from './harness.ts';
import { putVersion } from './stored-version.ts';
import { throwAwayWorlds } from './throw-away-worlds.ts';
import { restrict } from './world-changes.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** The default world with version 1.0.0. */
function withVersion(): LocalAzure {
  const azure = localAzure();
  putVersion(azure, [{ name: 'West Europe' }]);
  return azure;
}

const NEEDING = rulesOf('verify').flatMap(({ id }) => (id in throwAwayWorlds ? [id] : []));

describe('operation: verify', () => {
  it.each(NEEDING)('%s: stops before any write', async (rule) => {
    const azure = withVersion();
    const { change, request } = throwAwayWorlds[rule] ?? {};
    change?.(azure);
    const { failure, heard, wrote } = await verifyIt(azure, request?.(azure).verify);
    const errors = heard.findings.filter(({ severity }) => severity === 'error');
    expect(errors.map((finding) => finding.rule)).toEqual([rule]);
    expect(failure?.kind).toBe('refused');
    expect(wrote).toBe(false);
  });

  it('lacks rights: stops before any write, and says on what', async () => {
    const azure = withVersion();
    restrict(azure, [
      'Microsoft.Authorization/permissions/read',
      'Microsoft.Compute/virtualMachines/*',
    ]);
    const { heard, wrote } = await verifyIt(azure);
    const found = heard.findings.find(({ rule }) => rule === 'rights-missing');
    expect(found?.message).toContain('subnets/join/action');
    expect(wrote).toBe(false);
  });

  it('works without the rights to read what surrounds the VM, and says what was not checked', async () => {
    const azure = withVersion();
    restrict(azure, [
      'Microsoft.Compute/virtualMachines/*',
      'Microsoft.Network/virtualNetworks/subnets/join/action',
      'Microsoft.Compute/galleries/*',
    ]);
    const error = { code: 'AuthorizationFailed', message: 'No.' };
    azure.faults.add({
      match: { method: 'GET', path: '**/virtualNetworks/*' },
      fate: { status: 403, body: { error } },
    });
    const { failure, heard } = await verifyIt(azure);
    expect(failure).toBeUndefined();
    expect(heard.unchecked.map(({ rule }) => rule)).toEqual(expect.arrayContaining(NEEDING));
  });
});

it('takes no group for missing where Azure tells permissions on none', async () => {
  const azure = withVersion();
  azure.faults.add({
    match: { method: 'GET', path: '**/providers/Microsoft.Authorization/permissions' },
    times: 100,
    fate: { status: 404, body: { error: { code: 'NotFound', message: 'No.' } } },
  });
  const { failure, heard, told } = await verifyIt(azure);
  expect(failure).toBeUndefined();
  expect(heard.unchecked.map(({ rule }) => rule)).toContain('verify-group-missing');
  expect(told.log.join('\n')).toContain('in the group of the throw-away VM are not known');
});

describe('a quota that is full', () => {
  const fill = (azure: LocalAzure) => throwAwayWorlds['verify-quota']?.change?.(azure);
  const size = 'Standard_E4s_v5';

  it('is told by a dry run, which changes nothing', async () => {
    const azure = localAzure();
    fill(azure);
    const { heard, wrote } = await capture(azure, {
      request: { verify: verifySettings(azure, { size }) },
      dryRun: true,
    });
    expect(heard.findings.map(({ rule }) => rule)).toContain('verify-quota');
    expect(wrote).toBe(false);
  });

  it('matters to nobody who makes no VM', async () => {
    const azure = withVersion();
    await verifyIt(azure);
    fill(azure);
    const { failure, wrote } = await verifyIt(azure, { size });
    expect(failure).toBeUndefined();
    expect(wrote).toBe(false);
  });
});
