import { expect, it } from 'vitest';
import { DEFAULT_PLACE } from '../azure/default-world.ts';
import { definition, gallery } from '../azure/world-parts.ts';
import { stage } from './harness.ts';

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

  await local.control.forgetRequests();
  const again = await local.run(release, { runId: '2' });
  expect(again.outputs).toMatchObject({ changed: 'false', 'image-version-id': id });
  expect(await local.writes()).toEqual([]);

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
}, 120_000);
