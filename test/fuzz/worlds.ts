/** Random worlds: build VMs, definitions, versions, and what belongs to others. */
import { DEFAULT_PLACE, defaultWorld } from '../../local-azure/src/default-world.ts';
import { isObject, type JsonObject } from '../../local-azure/src/json.ts';
import { setGeneralized, setPower } from '../../local-azure/src/vm/instance-view.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import { definition, idOf, resource } from '../../local-azure/src/world-parts.ts';
import type { Dice } from './dice.ts';

/** What inputs have to know of a world. */
export interface Surroundings {
  readonly os: 'Linux' | 'Windows';
  readonly vm: string;
  readonly definition: string;
  readonly specialized: boolean;
  readonly power: 'running' | 'stopped' | 'deallocated' | 'generalized';
  /** Numbers of the versions that are there. */
  readonly versions: readonly string[];
}

/** The other definition that copies go to. */
export const RELEASED = 'released';

/** Marks what belongs to others: nothing may touch it. */
export const FOREIGN = 'foreign-';

export function worldOf(dice: Dice): { world: Resource[]; about: Surroundings } {
  const os = dice.maybe(0.75) ? 'Linux' : 'Windows';
  const specialized = os === 'Linux' && dice.maybe(0.1);
  const name =
    os === 'Windows' ? 'windows-2022' : `ubuntu-2404${specialized ? '-specialized' : ''}`;
  const vmName = os === 'Windows' ? 'build-windows' : 'build-linux';
  const power = dice.maybe(0.75)
    ? 'running'
    : dice.pick(['stopped', 'deallocated', 'generalized'] as const);
  const versions = dice.some(['0.9.0', '1.0.0', '1.2.3'], dice.between(0, 2));
  const security = dice.pick(['TrustedLaunch', 'Standard', 'TrustedLaunchSupported'] as const);
  const world = defaultWorld();
  secure(world, { vmName, name, security });
  const vm = world.find(({ id }) => id.endsWith(`/virtualMachines/${vmName}`));
  if (vm === undefined) throw new Error('The default world has changed');
  if (dice.maybe(0.3)) delete vm.properties.diagnosticsProfile;
  if (dice.maybe(0.3)) vm.tags = { owner: 'platform', 'cost-center': '4711' };
  if (power !== 'running') setPower(vm, power === 'generalized' ? 'deallocated' : power, 0);
  if (power === 'generalized') setGeneralized(vm);
  const kind = { osType: os, osState: 'Generalized', securityType: security } as const;
  world.push(definition(DEFAULT_PLACE, 'golden', { name: RELEASED, ...kind }));
  world.push(...versions.map((each) => version(name, each)), ...bystanders(dice));
  const about = { os, vm: vmName, definition: name, specialized, power, versions } as const;
  return { world, about };
}

/** The VM, its OS disk and the definitions, of one security type. */
function secure(
  world: readonly Resource[],
  { vmName, name, security }: { vmName: string; name: string; security: string },
): void {
  const isTrusted = security === 'TrustedLaunch';
  for (const { id, properties } of world) {
    const isVm = id.endsWith(`/virtualMachines/${vmName}`);
    if ((isVm || id.endsWith(`/disks/${vmName}_OsDisk`)) && !isTrusted)
      delete properties.securityProfile;
    if (id.endsWith(`/images/${name}`))
      properties.features =
        security === 'Standard' ? [] : [{ name: 'SecurityType', value: security }];
  }
}

/** A complete version of another owner's, made of a VM that is long gone. */
function version(definitionName: string, name: string): Resource {
  const regions: JsonObject[] = [
    { name: 'West Europe', regionalReplicaCount: 1, storageAccountType: 'Standard_ZRS' },
  ];
  const summary = [{ region: 'West Europe', state: 'Completed', progress: 100, details: '' }];
  const source = idOf(DEFAULT_PLACE, 'Microsoft.Compute/virtualMachines', 'gone');
  return resource(
    DEFAULT_PLACE,
    'Microsoft.Compute/galleries/images/versions',
    ['golden', definitionName, name],
    {
      provisioningState: 'Succeeded',
      publishingProfile: {
        targetRegions: regions,
        replicaCount: 1,
        excludeFromLatest: false,
        publishedDate: '2025-11-01T00:00:00+00:00',
        storageAccountType: 'Standard_ZRS',
        replicationMode: 'Full',
      },
      storageProfile: {
        source: { id: source, virtualMachineId: source },
        osDiskImage: { sizeInGB: 64, hostCaching: 'ReadWrite' },
      },
      safetyProfile: {
        allowDeletionOfReplicatedLocations: true,
        reportedForPolicyViolation: false,
      },
      replicationStatus: { aggregatedState: 'Completed', summary },
    },
    { tags: { team: 'images' } },
  );
}

/** Snapshots and an image of others; some look much like the action's own. */
function bystanders(dice: Dice): Resource[] {
  const at = { provisioningState: 'Succeeded', timeCreated: '2025-10-01T00:00:00+00:00' };
  const owned = { 'golden-image-owner': 'dddddddddddddddddddd.eeeeeeeeeeeeeeeeeeee' };
  const disk = idOf(DEFAULT_PLACE, 'Microsoft.Compute/disks', 'elsewhere');
  return [
    resource(
      DEFAULT_PLACE,
      'Microsoft.Compute/snapshots',
      [`${FOREIGN}snapshot`],
      {
        ...at,
        diskSizeGB: 64,
        uniqueId: dice.uuid(),
        creationData: { createOption: 'Copy', sourceResourceId: disk },
      },
      { tags: dice.maybe(0.5) ? owned : { team: 'platform' } },
    ),
    resource(
      DEFAULT_PLACE,
      'Microsoft.Compute/images',
      [`${FOREIGN}image`],
      { ...at, hyperVGeneration: 'V2', storageProfile: {} },
      { tags: dice.maybe(0.5) ? owned : {} },
    ),
  ];
}

/** The tags of a resource, or none. */
export const tagsOf = (entry: Resource): Record<string, unknown> =>
  isObject(entry.tags) ? entry.tags : {};
