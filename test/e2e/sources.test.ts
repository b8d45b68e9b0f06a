import { describe, expect, it } from 'vitest';
import type { Unknowns } from '../../local-azure/src/unknowns.ts';
import type { ArmResource } from '../runner/control.ts';
import {
  changeWorld,
  errorsIn,
  named,
  type Stage,
  type StageHere,
  stage,
  withProperties,
} from './harness.ts';

type Security = 'Standard' | 'TrustedLaunch' | 'TrustedLaunchSupported' | 'ConfidentialVM';

/** A VM and a definition of these security types, the only ones in the world. */
async function world(
  vm: Security,
  definition: Security,
  unknowns: Partial<Unknowns> = {},
): Promise<StageHere> {
  const local = await stage(undefined, { unknowns });
  const securityProfile = vm === 'Standard' ? undefined : { securityType: vm };
  await changeWorld(local, {
    '/virtualMachines/build-linux': withProperties({ securityProfile }),
    '/disks/build-linux_OsDisk': withProperties({ securityProfile }),
    '/images/ubuntu-2404': withProperties({
      features: definition === 'Standard' ? [] : [{ name: 'SecurityType', value: definition }],
    }),
  });
  return local;
}

/** Kind of what was written, in order: `POST deallocate`, `PUT versions`. */
const kinds = async (local: Stage): Promise<string[]> =>
  (await local.writes()).map((text) => {
    const [method, path = ''] = text.split(' ');
    const parts = path.split('/');
    return `${method} ${method === 'POST' ? parts.at(-1) : parts.at(-2)}`;
  });

const storageProfile = async (local: Stage) =>
  (await named(local, '/versions/1.0.0'))[0]?.properties?.storageProfile;

/** The guest is asked, then ordered, with a mark before each and one at the end. */
const DEPROVISIONED = [
  'PATCH virtualMachines',
  'POST runCommand',
  'PATCH virtualMachines',
  'POST runCommand',
  'PATCH virtualMachines',
  'POST deallocate',
];

describe('where it alone works, a version is made of', () => {
  it.each<[Security, Security]>([
    ['Standard', 'Standard'],
    ['TrustedLaunch', 'TrustedLaunch'],
  ])('the VM: %s for a definition with %s', async (vm, definition) => {
    await using local = await world(vm, definition);
    const run = await local.run();
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('succeeded');
    expect(await kinds(local)).toEqual([...DEPROVISIONED, 'POST generalize', 'PUT versions']);
    expect(await storageProfile(local)).toMatchObject({
      source: { virtualMachineId: expect.stringMatching(/build-linux$/) },
    });
  });

  it('a managed image: Standard for a definition with TrustedLaunchSupported', async () => {
    await using local = await world('Standard', 'TrustedLaunchSupported');
    const run = await local.run();
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('succeeded');
    expect(await kinds(local)).toEqual([
      ...DEPROVISIONED,
      'POST generalize',
      'PUT images',
      'PUT versions',
      'DELETE images',
    ]);
    expect(await named(local, 'Microsoft.Compute/images/')).toEqual([]);
    await local.control.forgetRequests();
    expect((await local.run()).outputs.changed).toBe('false');
    expect(await local.writes()).toEqual([]);
  });

  it('the disks, if so told: TrustedLaunch for a definition with TrustedLaunchSupported', async () => {
    await using local = await world('TrustedLaunch', 'TrustedLaunchSupported', {
      guestStateForTrustedLaunchSupported: 'accepted',
    });
    const refused = await local.run();
    expect(refused.exitCode).toBe(1);
    expect(refused.log).toContain('--features SecurityType=TrustedLaunch');
    expect(await local.writes()).toEqual([]);
    const run = await local.run({ 'capture-from': 'disks' });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.log).toContain('Sources disagree whether Azure takes disks');
    expect(await kinds(local)).toEqual([
      ...DEPROVISIONED,
      'PUT snapshots',
      'PUT snapshots',
      'PUT versions',
      'DELETE snapshots',
      'DELETE snapshots',
    ]);
    const [vm] = await named(local, '/virtualMachines/build-linux');
    expect(JSON.stringify(vm)).not.toContain('OSState/generalized');
  });

  it('nothing, when Azure does not take these disks: then a definition that does helps', async () => {
    await using local = await world('TrustedLaunch', 'TrustedLaunchSupported');
    const refused = await local.run({ 'capture-from': 'disks' });
    expect(refused.exitCode).toBe(1);
    expect(errorsIn(refused.log).join()).toContain('--features SecurityType=TrustedLaunch');
    // `post` saw to what existed only to capture from.
    expect(await named(local, '/snapshots/')).toEqual([]);
    const features = [{ name: 'SecurityType', value: 'TrustedLaunch' }];
    for (const one of await named(local, '/images/ubuntu-2404'))
      local.put(withProperties({ features })(one));
    await local.control.forgetRequests();
    const run = await local.run();
    expect(errorsIn(run.log)).toEqual([]);
    expect(await kinds(local)).toEqual(['POST generalize', 'PUT versions']);
  });

  it('a confidential VM, with its encryption in every region', async () => {
    await using local = await world('ConfidentialVM', 'ConfidentialVM');
    const refused = await local.run();
    expect(refused.exitCode).toBe(1);
    expect(refused.log).toContain('confidentialVMEncryptionType');
    expect(await local.writes()).toEqual([]);
    const encryption = {
      osDiskImage: {
        securityProfile: { confidentialVMEncryptionType: 'EncryptedVMGuestStateOnlyWithPmk' },
      },
    };
    const run = await local.run({
      'target-regions': JSON.stringify([{ name: 'westeurope', encryption }]),
    });
    expect(errorsIn(run.log)).toEqual([]);
    expect(await published(local)).toMatchObject([{ encryption }]);
  });

  it('a VM that is neither deprovisioned nor generalized, for a specialized definition', async () => {
    await using local = await stage();
    const run = await local.run({ 'image-definition': 'ubuntu-2404-specialized' });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('succeeded');
    expect(await kinds(local)).toEqual(['POST deallocate', 'PUT versions']);
  });
});

/** The target regions of the version as they stand in Azure. */
const published = async (local: Stage) =>
  (
    (await named(local, '/versions/1.0.0'))[0]?.properties?.publishingProfile as
      | { readonly targetRegions: unknown }
      | undefined
  )?.targetRegions;

describe('a VM under a customer-managed key', () => {
  const setId = (local: Stage, name: string) =>
    `/subscriptions/${local.azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/diskEncryptionSets/${name}`;

  async function customerKeyed(): Promise<Stage> {
    const local = await stage();
    const sets: ArmResource[] = ['westeurope', 'northeurope'].map((location) => ({
      id: setId(local, `keys-${location}`),
      name: `keys-${location}`,
      type: 'Microsoft.Compute/diskEncryptionSets',
      location,
      properties: { provisioningState: 'Succeeded' },
    }));
    const encryption = {
      type: 'EncryptionAtRestWithCustomerKey',
      diskEncryptionSetId: setId(local, 'keys-westeurope'),
    };
    await changeWorld(
      local,
      {
        '/disks/build-linux_OsDisk': withProperties({ encryption }),
        '/disks/build-linux_DataDisk_0': withProperties({ encryption }),
      },
      sets,
    );
    return local;
  }

  it('is refused without encryption sets, all that lack being named', async () => {
    await using local = await customerKeyed();
    const run = await local.run({ 'target-regions': 'northeurope' });
    expect(run.exitCode).toBe(1);
    expect(run.log).toMatch(/westeurope.*\n?.*northeurope/);
    expect(await local.writes()).toEqual([]);
  });

  it('is captured with sets by region and LUN, given as YAML', async () => {
    await using local = await customerKeyed();
    const set = (region: string) => setId(local, `keys-${region}`);
    const run = await local.run({
      'target-regions': `
- name: West Europe
  regionalReplicaCount: 2
  encryption: &home
    osDiskImage: { diskEncryptionSetId: ${set('westeurope')} }
    dataDiskImages:
      - lun: 0
        diskEncryptionSetId: ${set('westeurope')}
- name: northeurope
  excludeFromLatest: true
  encryption:
    osDiskImage:
      diskEncryptionSetId: ${set('northeurope')}
    dataDiskImages: [{ lun: 0, diskEncryptionSetId: ${set('northeurope')} }]
`,
    });
    expect(errorsIn(run.log)).toEqual([]);
    const encryption = (region: string) => ({
      osDiskImage: { diskEncryptionSetId: set(region) },
      dataDiskImages: [{ lun: 0, diskEncryptionSetId: set(region) }],
    });
    expect(await published(local)).toMatchObject([
      { name: 'West Europe', regionalReplicaCount: 2, encryption: encryption('westeurope') },
      { name: 'North Europe', excludeFromLatest: true, encryption: encryption('northeurope') },
    ]);
  });
});
