import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import { systemClock } from '../../local-azure/src/clock.ts';
import { OTHER_WAY } from '../../local-azure/src/unknowns.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { keyInNames, OWNER_TAG, SOURCE_TAG } from '../../src/domain/owner.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { REPOSITORY_TAG } from '../../src/domain/snapshot-sets.ts';
import {
  buildVm,
  definitionId,
  ofWindows,
  promote,
  prune,
  type Run,
  type RunOptions,
  verifyIt,
  verifySettings,
} from '../scenarios/harness.ts';
import { putThrowAway, putVersions } from '../scenarios/prune-worlds.ts';
import { addPublicIp } from '../scenarios/public-ip.ts';
import { putVersion } from '../scenarios/stored-version.ts';
import { RESTORES } from './variants-of-restores.ts';

/** A kind of capture that the matrix breaks at every request. */
export interface Variant {
  readonly name: string;
  readonly options?: LocalAzureOptions;
  /** Changes the default world before the first attempt. */
  readonly prepare?: (azure: LocalAzure) => void | Promise<void>;
  readonly request: (azure: LocalAzure) => Partial<CaptureRequest>;
  /** One attempt; a capture with this request when left out. */
  readonly attempt?: (azure: LocalAzure, options: RunOptions) => Promise<Run>;
}

const REGIONS = [{ name: 'westeurope' }, { name: 'northeurope', replicas: 2 }];

const LATER = {
  regions: [{ name: 'westeurope' }, { name: 'eastus2' }, { name: 'uksouth' }],
  excludeFromLatest: false,
};

/** Complete in West Europe. */
const HOME = { name: 'West Europe' };

export const VARIANTS: readonly Variant[] = [
  { name: 'Windows', request: (azure) => ({ ...ofWindows(azure), snapshot: true }) },
  {
    name: 'Windows whose agent falls silent',
    options: { guests: () => ({ agentSilent: 'Canceled' }) },
    request: ofWindows,
  },
  {
    name: 'a promotion in place, into latest last',
    prepare: (azure) => putVersion(azure, [HOME]),
    request: () => ({}),
    attempt: (azure, options) => promote(azure, LATER, options),
  },
  {
    name: 'a promotion into another definition',
    prepare: (azure) => {
      putVersion(azure, [HOME]);
      addDefinition(azure, 'released');
    },
    request: () => ({}),
    attempt: (azure, options) =>
      promote(azure, { ...LATER, destination: definitionId(azure, 'released') }, options),
  },
  {
    name: 'a region that fails twice, taken away and added again',
    prepare: (azure) => failsInNorth(azure, 2),
    request: () => ({ regions: REGIONS, repairRegions: true }),
  },
  {
    name: 'a promotion of a version that failed in a region, which fails again',
    options: { unknowns: OTHER_WAY },
    prepare: (azure) => {
      putVersion(azure, [
        HOME,
        {
          name: 'North Europe',
          failed: true,
          regionalReplicaCount: 3,
          storageAccountType: 'Premium_LRS',
          excludeFromLatest: true,
          additionalReplicaSets: [{ storageAccountType: 'Standard_LRS' }],
        },
      ]);
      failsInNorth(azure, 1);
    },
    request: () => ({}),
    attempt: (azure, options) =>
      promote(azure, { tags: { stage: 'prod' }, repairRegions: true }, options),
  },
  { name: 'Linux with snapshots', request: () => ({ snapshot: true }) },
  {
    name: 'by way of a managed image',
    prepare: takesOnlyImages,
    request: () => ({ snapshot: true }),
  },
  { name: 'from disks', request: () => ({ captureFrom: 'disks' }) },
  {
    name: 'specialized',
    request: (azure) => ({
      definition: definitionId(azure, 'ubuntu-2404-specialized'),
      snapshot: true,
    }),
  },
  {
    name: 'delete and retention after the capture',
    // Where Azure refuses, only the attempt that deleted the VM knows what belonged to it.
    options: { unknowns: { patchOfGeneralizedVm: 'accepted' } },
    prepare: (azure) => {
      hasOlderSnapshots(azure);
      addPublicIp(azure);
    },
    request: () => ({ snapshot: true, snapshotRetention: 2, afterCapture: 'delete' }),
  },
  {
    name: 'two regions, deletion blocked',
    request: () => ({
      regions: REGIONS,
      endOfLife: new Date('2027-11-22T00:00:00Z'),
      blockDeletionBeforeEndOfLife: true,
    }),
  },
  {
    name: 'a prune of versions and snapshots',
    prepare: (azure) => {
      putVersions(
        azure,
        { number: '1.0.0', days: 400 },
        { number: '1.1.0', days: 300 },
        { number: '1.2.0', days: 200, tags: { keep: 'x' } },
        { number: '1.3.0', days: 150, state: 'Failed' },
        { number: '2.0.0', days: 1 },
      );
      putThrowAway(azure);
      for (const letter of ['a', 'b', 'c']) addOwnSnapshot(azure, letter);
    },
    request: () => ({}),
    attempt: (azure, options) =>
      prune(
        azure,
        { keepTags: [{ name: 'keep' }], snapshots: { vm: buildVm(azure), keep: 1 } },
        options,
      ),
  },
  {
    name: 'verified before it enters latest, three regions',
    request: (azure) => ({
      regions: [...REGIONS, { name: 'eastus2', excludeFromLatest: true }],
      verify: verifySettings(azure, { script: 'exit 0' }),
    }),
  },
  {
    name: 'ephemeral',
    request: (azure) => ({
      ephemeral: true,
      verify: verifySettings(azure, { script: 'exit 0' }),
    }),
  },
  {
    name: 'verifying a version that exists',
    prepare: (azure) => putVersion(azure, [HOME]),
    request: () => ({}),
    attempt: (azure, options) => verifyIt(azure, { script: 'exit 0' }, options),
  },
  {
    name: 'a promotion in place that boots first',
    prepare: (azure) => putVersion(azure, [HOME]),
    request: () => ({}),
    attempt: (azure, options) =>
      promote(azure, { ...LATER, verify: verifySettings(azure) }, options),
  },
  { name: 'waiting for nothing', request: () => ({ waitFor: 'none', regions: REGIONS }) },
  {
    name: 'deprovisioned by somebody else',
    prepare: (azure) => powerOff(azure),
    request: () => ({ deprovision: 'never', snapshot: true }),
  },
  {
    name: 'a stopped VM, started first',
    prepare: (azure) => powerOff(azure),
    request: () => ({ deprovision: 'always' }),
  },
  {
    name: 'Azure’s clock ten minutes ahead',
    options: { clock: skewed(600) },
    request: () => ({ snapshot: true }),
  },
  {
    name: 'Azure’s clock ten minutes behind',
    options: { clock: skewed(-600) },
    request: () => ({ captureFrom: 'disks' }),
  },
  {
    name: 'where nobody knows, the other way round',
    // Without its serial log a deallocated VM proves nothing, and a re-run asks for its start.
    options: { unknowns: { ...OTHER_WAY, serialLogOfDeallocatedVm: 'kept' } },
    request: () => ({ snapshot: true, regions: REGIONS }),
  },
  ...RESTORES,
];

function skewed(seconds: number) {
  const clock = systemClock();
  return { ...clock, now: () => clock.now() + seconds * 1000 };
}

function machineOf(azure: LocalAzure) {
  const vm = azure.world.get(buildVm(azure));
  if (!vm) throw new Error('The default world has changed');
  return vm;
}

function powerOff(azure: LocalAzure): void {
  setPower(machineOf(azure), 'deallocated', azure.clock.now());
}

/** North Europe fails in the next so many changes of the version. */
function failsInNorth(azure: LocalAzure, times: number): void {
  azure.faults.add({
    match: { method: 'PUT', path: '**/versions/*' },
    times,
    fate: { region: { name: 'northeurope', state: 'Failed', details: 'No capacity.' } },
  });
}

/** The default definition again, under another name. */
function addDefinition(azure: LocalAzure, name: string): void {
  const copy = structuredClone(azure.world.get(definitionId(azure)));
  if (!copy) throw new Error('The default world has changed');
  azure.world.put({ ...copy, id: definitionId(azure, name), name });
}

/** A Standard VM, and a definition that only supports Trusted Launch. */
function takesOnlyImages(azure: LocalAzure): void {
  const definition = azure.world.get(definitionId(azure));
  if (!definition) throw new Error('The default world has changed');
  definition.properties.features = [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }];
  delete machineOf(azure).properties.securityProfile;
  for (const { id, properties } of azure.world.all())
    if (/\/disks\/build-linux/i.test(id)) delete properties.securityProfile;
}

/** Snapshots that two earlier runs of this repository took of this VM, and some that are not theirs. */
function hasOlderSnapshots(azure: LocalAzure): void {
  for (const letter of ['a', 'c']) addOwnSnapshot(azure, letter);
  addSnapshot(azure, 'foreign', undefined);
  const owner = `${'f'.repeat(20)}.${'b'.repeat(20)}`;
  addSnapshot(azure, `build-linux-os-${keyInNames(owner)}`, owner, 'build-windows_OsDisk');
}

function addSnapshot(
  azure: LocalAzure,
  name: string,
  owner: string | undefined,
  disk = 'build-linux_OsDisk',
): void {
  const snapshot = asResource({
    id: buildVm(azure).replace(/virtualMachines\/.*/, `snapshots/${name}`),
    location: 'westeurope',
    tags: owner
      ? {
          [OWNER_TAG]: owner,
          [REPOSITORY_TAG]: 'contoso/images',
          [SOURCE_TAG]: buildVm(azure),
        }
      : { team: 'platform' },
    properties: {
      provisioningState: 'Succeeded',
      diskSizeGB: 64,
      timeCreated: name.endsWith('-aaaaaaaaaaaaaaaaaaaabbbb')
        ? '2026-10-01T00:00:00Z'
        : '2026-11-01T00:00:00Z',
      creationData: {
        createOption: 'Copy',
        sourceResourceId: buildVm(azure).replace(/virtualMachines\/.*/, `disks/${disk}`),
      },
    },
  });
  azure.world.put(snapshot);
}

/** A snapshot that a run of this repository took of the build VM, as its name proves. */
function addOwnSnapshot(azure: LocalAzure, letter: string): void {
  const owner = `${letter.repeat(20)}.${'b'.repeat(20)}`;
  addSnapshot(azure, `build-linux-os-${keyInNames(owner)}`, owner);
}

/** What others own and no attempt may touch: a version of another run, and a snapshot. */
export function addBystanders(azure: LocalAzure): void {
  addSnapshot(azure, 'bystander', 'dddddddddddddddddddd.eeeeeeeeeeeeeeeeeeee');
}
