/** Runs that together need every right there is: each must pass with exactly its own. */

import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { RightsName } from '../../src/plan/rights.ts';
import { changeVm } from '../scenarios/changed-vm.ts';
import {
  awaitIt,
  buildVm,
  capture,
  definitionId,
  ofWindows,
  promote,
  prune,
  type Run,
  type RunOptions,
  restore,
  verifyIt,
  verifySettings,
} from '../scenarios/harness.ts';
import { addPublicIp } from '../scenarios/public-ip.ts';
import { putVersion } from '../scenarios/stored-version.ts';
import {
  addKey,
  addProduction,
  DESTINATION,
  failNextVersion,
  failRegion,
  failVersion,
  KEYED_REGION,
  leaveInFlight,
  onlySupported,
  putPrunable,
  softDelete,
  stopVm,
  TESTS,
  USERS,
} from './worlds.ts';

/** A run of the action in a world of its own. */
export interface ProvingRun {
  readonly name: string;
  readonly rights: readonly RightsName[];
  /** Whether of the rights only those that read are given. */
  readonly readOnly?: boolean;
  /** Brings the default world to where the run begins, before any role is assigned. */
  readonly prepare?: (azure: LocalAzure) => Promise<void> | void;
  /** The gallery that is written to; the default world's when left out. */
  readonly gallery?: string;
  readonly run: (azure: LocalAzure) => Promise<Run>;
}

const specialized = (azure: LocalAzure) => ({
  snapshot: true,
  definition: definitionId(azure, 'ubuntu-2404-specialized'),
});

const captures = (request: NonNullable<RunOptions['request']> = {}, more: RunOptions = {}) => ({
  run: (azure: LocalAzure) => capture(azure, { ...more, request }),
});

const dryRun = (request: NonNullable<RunOptions['request']> = {}) => ({
  readOnly: true,
  ...captures(request, { dryRun: true }),
});

/** A copy of version 1.0.0 into the gallery of another subscription. */
const copies = (asked: Parameters<typeof promote>[1] = {}, options: RunOptions = {}) => ({
  gallery: parentId(DESTINATION),
  run: (azure: LocalAzure) => promote(azure, { destination: DESTINATION, ...asked }, options),
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
    name: 'a capture of a Windows VM',
    rights: ['capture', 'windows'],
    run: (azure) => capture(azure, { request: ofWindows(azure) }),
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
    rights: ['capture', 'deletion'],
    prepare: addPublicIp,
    ...captures({ afterCapture: 'delete' }),
  },
  {
    name: 'a capture into a region with a key of its own',
    rights: ['capture', 'keys'],
    prepare: addKey,
    run: (azure) => capture(azure, { request: { regions: [KEYED_REGION] } }),
  },
  {
    name: 'a capture into a gallery with soft delete',
    rights: ['capture', 'bin'],
    prepare: (azure) => softDelete(azure),
    ...captures(),
  },
  {
    name: 'a copy into the gallery of another subscription, and into `latest`',
    rights: ['copy'],
    prepare: (azure) => addProduction(azure),
    ...copies({ excludeFromLatest: false, regions: [{ name: 'westeurope' }, { name: 'eastus2' }] }),
  },
  {
    name: 'a copy of the latest',
    rights: ['copy'],
    prepare: (azure) => addProduction(azure, false),
    run: (azure) =>
      promote(azure, {
        source: { definition: definitionId(azure), version: 'latest' },
        destination: DESTINATION,
      }),
    gallery: parentId(DESTINATION),
  },
  {
    name: 'a repetition after Azure failed the copy',
    rights: ['copy'],
    prepare: async (azure) => {
      await addProduction(azure);
      failNextVersion(azure);
      await promote(azure, { destination: DESTINATION });
    },
    ...copies(),
  },
  {
    name: 'a copy into a gallery with soft delete',
    rights: ['copy', 'bin'],
    prepare: async (azure) => {
      await addProduction(azure);
      softDelete(azure, parentId(DESTINATION));
    },
    ...copies(),
  },
  {
    name: 'more regions and `latest` for a version where it is',
    rights: ['change'],
    prepare: (azure) => addProduction(azure),
    run: (azure) => promote(azure, { excludeFromLatest: false, regions: [{ name: 'eastus2' }] }),
  },
  {
    name: 'tags for a version that has keys of its own',
    rights: ['change', 'keys'],
    prepare: async (azure) => {
      addKey(azure);
      await capture(azure, { request: { regions: [KEYED_REGION] } });
    },
    run: (azure) => promote(azure, { tags: { stage: 'prod' } }),
  },
  {
    name: 'a region taken away and added again, `repair-regions: true`',
    rights: ['change'],
    prepare: failRegion,
    run: (azure) => promote(azure, { repairRegions: true }),
  },
  {
    name: '`operation: verify` with `verify-script`',
    rights: ['verify', 'verifyScript'],
    prepare: (azure) => putVersion(azure, [{ name: 'West Europe' }]),
    run: (azure) => verifyIt(azure, { group: TESTS, script: 'exit 0' }),
  },
  {
    name: '`operation: verify`',
    rights: ['verify'],
    prepare: (azure) => putVersion(azure, [{ name: 'West Europe' }]),
    run: (azure) => verifyIt(azure, { group: TESTS }),
  },
  {
    name: 'a version that boots before it is promoted where it is',
    rights: ['change', 'verification'],
    prepare: (azure) => putVersion(azure, [{ name: 'West Europe' }]),
    run: (azure) =>
      promote(azure, {
        excludeFromLatest: false,
        verify: verifySettings(azure, { group: TESTS }),
      }),
  },
  {
    name: 'a capture, `verify: boot` with `verify-script`',
    rights: ['capture', 'verification', 'verifyScript'],
    run: (azure) =>
      capture(azure, {
        request: { verify: verifySettings(azure, { group: TESTS, script: 'exit 0' }) },
      }),
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
  {
    name: 'a prune of an image that another subscription uses',
    rights: ['prune'],
    prepare: putPrunable,
    run: (azure) => prune(azure, { usageSubscriptions: [USERS] }),
  },
  {
    name: 'a prune of snapshots, `snapshot-retention: 1`',
    rights: ['prune', 'oldSnapshots'],
    prepare: async (azure) => {
      putPrunable(azure);
      await capture(azure, { runId: '0', request: specialized(azure) });
      await capture(azure, { runId: '00', request: specialized(azure) });
    },
    run: (azure) =>
      prune(azure, {
        usageSubscriptions: [USERS],
        snapshots: { vm: buildVm(azure), keep: 1 },
      }),
  },
  {
    name: 'a restore, `old-disks: delete`, after a deprovision',
    rights: ['restore', 'oldDisks'],
    prepare: (azure) => changeVm(azure, 'deprovision'),
    run: (azure) => restore(azure, { oldDisks: 'delete' }),
  },
  {
    name: 'a restore of a generalized VM, `recreate: true`',
    rights: ['restore', 'recreate'],
    prepare: (azure) => changeVm(azure, 'generalize'),
    run: (azure) => restore(azure, { recreate: true }),
  },
  {
    name: 'a dry run of a restore',
    rights: ['restore'],
    readOnly: true,
    prepare: (azure) => changeVm(azure, 'deprovision'),
    run: (azure) => restore(azure, {}, { dryRun: true }),
  },
  { name: 'a dry run', rights: ['capture'], ...dryRun() },
  {
    name: 'a dry run of a copy',
    rights: ['copy'],
    readOnly: true,
    prepare: (azure) => addProduction(azure),
    ...copies({}, { dryRun: true }),
  },
  {
    name: 'a dry run of a change',
    rights: ['change'],
    readOnly: true,
    prepare: (azure) => addProduction(azure),
    run: (azure) => promote(azure, { excludeFromLatest: false }, { dryRun: true }),
  },
  {
    name: 'a dry run of more regions',
    rights: ['change'],
    readOnly: true,
    prepare: (azure) => addProduction(azure),
    run: (azure) => promote(azure, { regions: [{ name: 'eastus2' }] }, { dryRun: true }),
  },
  {
    name: 'a dry run with all that can be asked for',
    rights: ['capture', 'snapshot', 'retention', 'disks', 'deletion', 'bin'],
    prepare: (azure) => {
      addPublicIp(azure);
      softDelete(azure);
    },
    ...dryRun(everything),
  },
];
