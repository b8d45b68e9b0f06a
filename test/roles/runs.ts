/** Runs that together need every right there is: each must pass with exactly its own. */

import { parentId } from '../azure/arm-id.ts';
import type { LocalAzure } from '../azure/azure.ts';
import {
  awaitIt,
  buildVm,
  capture,
  definitionId,
  type Run,
  type RunOptions,
} from '../scenarios/harness.ts';
import { addPublicIp } from '../scenarios/public-ip.ts';
import type { RightsName } from './roles.ts';

/** A run of the action in a world of its own. */
export interface ProvingRun {
  readonly name: string;
  readonly rights: readonly RightsName[];
  /** Whether of the rights only those that read are given. */
  readonly readOnly?: boolean;
  /** Brings the default world to where the run begins, before any role is assigned. */
  readonly prepare?: (azure: LocalAzure) => Promise<void> | void;
  readonly run: (azure: LocalAzure) => Promise<Run>;
}

const captures = (request: NonNullable<RunOptions['request']> = {}, more: RunOptions = {}) => ({
  run: (azure: LocalAzure) => capture(azure, { ...more, request }),
});

const dryRun = (request: NonNullable<RunOptions['request']> = {}) => ({
  readOnly: true,
  ...captures(request, { dryRun: true }),
});

const everything = {
  snapshot: true,
  snapshotRetention: 1,
  captureFrom: 'disks',
  afterCapture: 'delete',
} as const;

export const RUNS: readonly ProvingRun[] = [
  { name: 'a capture', rights: ['capture'], ...captures() },
  {
    name: 'a repetition after Azure failed the version',
    rights: ['capture'],
    prepare: failVersion,
    ...captures(),
  },
  {
    name: 'a capture of a stopped VM, `deprovision: always`',
    rights: ['capture', 'start'],
    prepare: stopVm,
    ...captures({ deprovision: 'always' }),
  },
  {
    name: 'a capture, `snapshot: true`',
    rights: ['capture', 'snapshot'],
    ...captures({ snapshot: true }),
  },
  {
    name: 'a capture, `snapshot-retention: 1`, after an earlier one',
    rights: ['capture', 'snapshot', 'retention'],
    prepare: async (azure) => {
      await capture(azure, { runId: '0', request: specialized(azure) });
    },
    run: (azure) => capture(azure, { request: { ...specialized(azure), snapshotRetention: 1 } }),
  },
  {
    name: 'a capture, `capture-from: disks`',
    rights: ['capture', 'disks'],
    ...captures({ captureFrom: 'disks' }),
  },
  {
    name: 'a capture into a definition that only supports Trusted Launch',
    rights: ['capture', 'image'],
    prepare: onlySupported,
    ...captures(),
  },
  {
    name: 'a capture, `after-capture: delete`',
    rights: ['capture', 'retire'],
    prepare: addPublicIp,
    ...captures({ afterCapture: 'delete' }),
  },
  {
    name: 'a capture into a region with a key of its own',
    rights: ['capture', 'keys'],
    prepare: addKey,
    run: (azure) => capture(azure, { request: { regions: [keyedRegion(azure)] } }),
  },
  {
    name: 'a capture into a gallery with soft delete',
    rights: ['capture', 'bin'],
    prepare: softDelete,
    ...captures(),
  },
  {
    name: '`operation: wait` for a number',
    rights: ['wait'],
    prepare: leaveInFlight,
    run: (azure) => awaitIt(azure, '1.0.0'),
  },
  {
    name: '`operation: wait` for the latest',
    rights: ['wait'],
    prepare: async (azure) => {
      await capture(azure);
    },
    run: (azure) => awaitIt(azure, 'latest'),
  },
  { name: 'a dry run', rights: ['capture'], ...dryRun() },
  {
    name: 'a dry run with all that can be asked for',
    rights: ['capture', 'snapshot', 'retention', 'disks', 'retire', 'bin'],
    prepare: (azure) => {
      addPublicIp(azure);
      softDelete(azure);
    },
    ...dryRun(everything),
  },
];

const specialized = (azure: LocalAzure) => ({
  snapshot: true,
  definition: definitionId(azure, 'ubuntu-2404-specialized'),
});

async function stopVm(azure: LocalAzure): Promise<void> {
  const url = `${azure.endpoint}${buildVm(azure)}/powerOff?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'POST' }));
  await new Promise((done) => setTimeout(done, 120_000));
}

async function failVersion(azure: LocalAzure): Promise<void> {
  const error = { code: 'InternalExecutionError', message: 'It failed.' };
  const match = { method: 'PUT', path: '**/versions/*' };
  azure.faults.add({ match, fate: { operation: { status: 'Failed', error } } });
  await capture(azure);
}

async function leaveInFlight(azure: LocalAzure): Promise<void> {
  await capture(azure, { request: { waitFor: 'none' } });
}

/** A Standard VM, and a definition that takes no VM as source. */
function onlySupported(azure: LocalAzure): void {
  for (const { id, properties } of azure.world.all())
    if (id.includes('/build-linux')) delete properties.securityProfile;
  const definition = resource(azure, definitionId(azure));
  const features = (definition.properties.features ?? []) as { name: string; value: string }[];
  definition.properties.features = features.map((feature) =>
    feature.name === 'SecurityType' ? { ...feature, value: 'TrustedLaunchSupported' } : feature,
  );
}

/** The disk encryption set of the tests. */
export const keyId = (azure: LocalAzure): string =>
  buildVm(azure).replace('virtualMachines/build-linux', 'diskEncryptionSets/keys');

function addKey(azure: LocalAzure): void {
  azure.world.put({
    id: keyId(azure),
    name: 'keys',
    type: 'Microsoft.Compute/diskEncryptionSets',
    location: 'westeurope',
    properties: { provisioningState: 'Succeeded' },
  });
}

const keyedRegion = (azure: LocalAzure) => ({
  name: 'westeurope',
  encryption: {
    osDiskImage: { diskEncryptionSetId: keyId(azure) },
    dataDiskImages: [{ lun: 0, diskEncryptionSetId: keyId(azure) }],
  },
});

function softDelete(azure: LocalAzure): void {
  const gallery = resource(azure, parentId(definitionId(azure)));
  gallery.properties.softDeletePolicy = { isSoftDeleteEnabled: true };
}

function resource(azure: LocalAzure, id: string) {
  const found = azure.world.get(id);
  if (!found) throw new Error(`The default world has no ${id}`);
  return found;
}
