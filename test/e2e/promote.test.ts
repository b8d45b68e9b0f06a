import { expect, it } from 'vitest';
import { DEFAULT_PLACE } from '../../local-azure/src/default-world.ts';
import { definition, gallery } from '../../local-azure/src/world-parts.ts';
import { type Stage, stage } from './harness.ts';

const PRODUCTION = {
  subscriptionId: '77777777-2222-4333-8444-555555555555',
  resourceGroup: 'released',
  location: DEFAULT_PLACE.location,
};

/** A capture needs what a promotion has no use for, so its inputs are not given. */
const NOT_GIVEN = { vm: '', gallery: '', 'image-definition': '' };

it('a release: copied into another subscription, more regions, into latest, and back out', async () => {
  await using local = await stage(600);
  const kind = { osType: 'Linux', osState: 'Generalized', securityType: 'TrustedLaunch' } as const;
  await local.control.setWorld([
    ...(await local.control.world()),
    gallery(PRODUCTION, 'production'),
    definition(PRODUCTION, 'production', { name: 'ubuntu', ...kind }),
  ]);
  const captured = await local.run({ 'exclude-from-latest': 'true' });
  expect(captured.exitCode).toBe(0);

  const release = {
    ...NOT_GIVEN,
    operation: 'promote',
    'source-image-version': 'golden/ubuntu-2404/1.0.0',
    gallery: 'production',
    'gallery-subscription-id': PRODUCTION.subscriptionId,
    'gallery-resource-group': PRODUCTION.resourceGroup,
    'image-definition': 'ubuntu',
    'target-regions': 'westeurope=3, northeurope',
    'exclude-from-latest': 'false',
  };
  const copied = await local.run(release, { runId: '1' });
  expect(copied.exitCode, copied.log).toBe(0);
  const id = copied.outputs['image-version-id'] ?? '';
  expect(id).toContain(PRODUCTION.subscriptionId);
  expect(JSON.parse(copied.outputs['latest-after'] ?? '')).toEqual({
    westeurope: '1.0.0',
    northeurope: '1.0.0',
  });

  await expectNothingToDo(local, release);

  const back = { ...NOT_GIVEN, operation: 'promote', 'source-image-version': id };
  const refused = await local.run({ ...back, 'exclude-from-latest': 'true' });
  expect(refused.exitCode).toBe(1);
  expect(refused.log).toContain('latest-none');
  expect(await local.writes()).toEqual([]);

  const out = { ...back, 'exclude-from-latest': 'true', 'allow-no-latest': 'true' };
  const rolledBack = await local.run(out);
  expect(rolledBack.exitCode, rolledBack.log).toBe(0);
  expect(JSON.parse(rolledBack.outputs['latest-after'] ?? '')).toEqual({
    westeurope: null,
    northeurope: null,
  });
  await expectNothingToDo(local, out);
});

it('a version changed where it is: more regions, then into latest once all are complete', async () => {
  await using local = await stage(600);
  const captured = await local.run({ 'exclude-from-latest': 'true' });
  expect(captured.exitCode, captured.log).toBe(0);
  const here = {
    ...NOT_GIVEN,
    operation: 'promote',
    'source-image-version': 'golden/ubuntu-2404/1.0.0',
  };

  const more = { ...here, 'target-regions': 'northeurope=2, eastus2' };
  const added = await local.run(more, { runId: '1' });
  expect(added.exitCode, added.log).toBe(0);
  expect(added.outputs).toMatchObject({ changed: 'true', state: 'succeeded' });
  expect(JSON.parse(added.outputs.replication ?? '')).toMatchObject([
    { region: 'westeurope', state: 'Completed', replicas: 1 },
    { region: 'northeurope', state: 'Completed', replicas: 2 },
    { region: 'eastus2', state: 'Completed', replicas: 1 },
  ]);
  await expectNothingToDo(local, more);

  const into = { ...here, 'target-regions': 'uksouth', 'exclude-from-latest': 'false' };
  await local.control.forgetRequests();
  const entered = await local.run(into, { runId: '2' });
  expect(entered.exitCode, entered.log).toBe(0);
  const nowhere = { westeurope: null, northeurope: null, eastus2: null, uksouth: null };
  expect(JSON.parse(entered.outputs['latest-before'] ?? '')).toEqual(nowhere);
  expect(new Set(Object.values(JSON.parse(entered.outputs['latest-after'] ?? '')))).toEqual(
    new Set(['1.0.0']),
  );
  expect(await local.writes()).toHaveLength(2);
  await expectNothingToDo(local, into);
});

it('a region that keeps failing: told by default, removed and added again when that is allowed', async () => {
  await using local = await stage(600);
  const two = { 'target-regions': 'westeurope, northeurope=2=Premium_LRS' };
  const fails = (times: number) =>
    local.misfortune(
      'PUT',
      '**/versions/*',
      { region: { name: 'northeurope', state: 'Failed', details: 'No capacity there.' } },
      times,
    );
  await fails(2);
  const told = await local.run(two);
  expect(told.exitCode).toBe(1);
  expect(told.outputs).toMatchObject({ state: 'failed', 'image-version': '1.0.0' });
  expect(told.log).toContain('repair-regions: true');

  await fails(1);
  await local.control.forgetRequests();
  const repaired = await local.run({ ...two, 'repair-regions': 'true' });
  expect(repaired.exitCode, repaired.log).toBe(0);
  expect(repaired.outputs).toMatchObject({ state: 'succeeded', changed: 'true' });
  expect(JSON.parse(repaired.outputs.replication ?? '')).toMatchObject([
    { region: 'westeurope', state: 'Completed' },
    { region: 'northeurope', state: 'Completed', replicas: 2, storageAccountType: 'Premium_LRS' },
  ]);
  expect(repaired.log).toContain('remove northeurope, to add it again');
  expect(repaired.log).toContain('add northeurope again');
  const { tags } = (await local.control.world()).find(({ id }) => id.endsWith('/1.0.0')) ?? {};
  expect(Object.keys(tags ?? {}).filter((tag) => tag.includes('removed'))).toEqual([]);
  await expectNothingToDo(local, { ...two, 'repair-regions': 'true' }, {});
});

/** Run again, by whichever run, it writes nothing and says so. */
async function expectNothingToDo(
  local: Stage,
  inputs: Record<string, string>,
  options: { readonly runId?: string } = { runId: 'again' },
) {
  await local.control.forgetRequests();
  const again = await local.run(inputs, options);
  expect(again.exitCode, again.log).toBe(0);
  expect(again.outputs).toMatchObject({ changed: 'false', state: 'succeeded' });
  expect(await local.writes()).toEqual([]);
}
