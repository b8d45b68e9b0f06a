import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { buildVm, capture, definitionId, fakeClock, localAzure } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const TYPES = 'Microsoft.Compute/';

/** The default world, its Linux VM and definition of these security types. */
function world(vm: string, definition: string): LocalAzure {
  const azure = localAzure();
  const machine = azure.world.get(buildVm(azure));
  const image = azure.world.get(definitionId(azure));
  if (!machine || !image) throw new Error('The default world has changed');
  if (vm === 'Standard') delete machine.properties.securityProfile;
  else machine.properties.securityProfile = { securityType: vm };
  for (const resource of azure.world.all())
    if (resource.type === `${TYPES}disks` && resource.id.includes('build-linux'))
      if (vm === 'Standard') delete resource.properties.securityProfile;
  const others = ((image.properties.features ?? []) as { name: string }[]).filter(
    ({ name }) => name !== 'SecurityType',
  );
  image.properties.features =
    definition === 'Standard' ? others : [...others, { name: 'SecurityType', value: definition }];
  return azure;
}

const idsOf = (azure: LocalAzure, type: string): string[] => {
  azure.settle();
  return azure.world
    .all()
    .filter((resource) => resource.type.toLowerCase() === `${TYPES}${type}`.toLowerCase())
    .map(({ id }) => id);
};

const vmView = (azure: LocalAzure) =>
  JSON.stringify(azure.world.get(buildVm(azure))?.properties.instanceView);

describe('what a version is made of follows the definition', () => {
  it('a Trusted Launch VM for TrustedLaunch: the VM', async () => {
    const azure = world('TrustedLaunch', 'TrustedLaunch');
    const { failure, heard } = await capture(azure);
    expect(failure).toBeUndefined();
    expect(heard.started.at(-1)).toBe('replicate');
  });

  it('a Standard VM for TrustedLaunchSupported: a managed image, deleted afterwards', async () => {
    const azure = world('Standard', 'TrustedLaunchSupported');
    const { failure, heard } = await capture(azure, { request: { snapshot: true } });
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual([
      'snapshot',
      'deprovision',
      'deallocate',
      'generalize',
      'image',
      'publish',
      'replicate',
      'delete',
    ]);
    expect(idsOf(azure, 'images')).toEqual([]);
    expect(idsOf(azure, 'snapshots')).toHaveLength(2);
    const again = await capture(azure, { request: { snapshot: true } });
    expect([again.failure, again.wrote]).toEqual([undefined, false]);
  });

  it('a Trusted Launch VM for TrustedLaunchSupported: refused, with the command that helps', async () => {
    const azure = world('TrustedLaunch', 'TrustedLaunchSupported');
    const { failure, wrote } = await capture(azure);
    expect(failure?.message).toContain('--features SecurityType=TrustedLaunch');
    expect(failure?.message).toContain('capture-from: disks');
    expect(wrote).toBe(false);
  });

  it.each([
    ['Standard', 'Standard'],
    ['Standard', 'TrustedLaunchSupported'],
    ['TrustedLaunch', 'TrustedLaunch'],
  ])(
    'the disks of a %s VM for %s: the VM stays unmarked, the snapshots go',
    async (vm, definition) => {
      const azure = world(vm, definition);
      const { failure, heard } = await capture(azure, { request: { captureFrom: 'disks' } });
      expect(failure).toBeUndefined();
      expect(heard.started).toEqual([
        'deprovision',
        'deallocate',
        'snapshot',
        'publish',
        'replicate',
        'delete',
      ]);
      expect(vmView(azure)).not.toContain('OSState/generalized');
      expect(idsOf(azure, 'snapshots')).toEqual([]);
      const version = azure.world.get(heard.known?.version ?? '');
      expect(version?.properties.storageProfile).toMatchObject({
        osDiskImage: { source: { id: expect.stringContaining('-source-os-') } },
        dataDiskImages: [{ lun: 0 }],
      });
      const again = await capture(azure, { request: { captureFrom: 'disks' } });
      expect([again.failure, again.wrote]).toEqual([undefined, false]);
    },
  );
});

describe('how far a run waits', () => {
  const regions = [{ name: 'westeurope' }, { name: 'northeurope' }];

  it('`none`: until Azure has accepted the version; the next run takes it up', async () => {
    const azure = localAzure();
    const first = await capture(azure, { request: { regions, waitFor: 'none' } });
    expect(first.failure).toBeUndefined();
    expect(first.heard.started.at(-1)).toBe('publish');
    expect(first.seconds).toBeLessThan(300);
    const again = await capture(azure, { request: { regions } });
    expect(again.heard.started).toEqual(['replicate']);
    expect(again.heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
  });

  it('`home`: until the home region is complete', async () => {
    const azure = localAzure();
    const { failure, heard } = await capture(azure, { request: { regions, waitFor: 'home' } });
    expect(failure).toBeUndefined();
    expect(heard.replication).toMatchObject([
      { region: 'westeurope', state: 'Completed' },
      { region: 'northeurope', state: 'Replicating' },
    ]);
  });

  it('`Shallow` takes a minute, in the VM’s region alone', async () => {
    const azure = localAzure();
    const run = await capture(azure, { request: { replicationMode: 'Shallow' } });
    expect(run.failure).toBeUndefined();
    expect(run.heard.took.get('replicate')).toBeLessThan(90);
    const refused = await capture(localAzure(), {
      request: { replicationMode: 'Shallow', regions },
    });
    expect(refused.failure?.message).toContain('shallow version');
  });

  it('blocks the deletion last, once, and keeps everything else', async () => {
    const azure = localAzure();
    const request = {
      endOfLife: new Date('2027-06-30'),
      blockDeletionBeforeEndOfLife: true,
      regions: [
        { name: 'westeurope', replicas: 2 },
        { name: 'northeurope', storageAccountType: 'Premium_LRS' as const },
      ],
    };
    const { failure, heard } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(heard.started.slice(-4)).toEqual(['publish', 'replicate', 'update', 'replicate']);
    const version = azure.world.get(heard.known?.version ?? '');
    expect(version?.properties).toMatchObject({
      provisioningState: 'Succeeded',
      safetyProfile: { blockDeletionBeforeEndOfLife: true },
      publishingProfile: {
        targetRegions: [
          { name: 'West Europe', regionalReplicaCount: 2 },
          { name: 'North Europe', regionalReplicaCount: 1, storageAccountType: 'Premium_LRS' },
        ],
      },
    });
    const again = await capture(azure, { request });
    expect([again.failure, again.wrote]).toEqual([undefined, false]);
  });
});
