/** Runs that together need every right there is: each must pass with exactly its own. */

import { changeVm } from '../scenarios/changed-vm.ts';
import {
  awaitIt,
  buildVm,
  capture,
  ofWindows,
  promote,
  prune,
  type RunOptions,
  restore,
  verifyIt,
  verifySettings,
} from '../scenarios/harness.ts';
import { addPublicIp } from '../scenarios/public-ip.ts';
import { putVersion } from '../scenarios/stored-version.ts';
import { CAPTURE_RUNS } from './capture-runs.ts';
import { PROMOTE_RUNS } from './promote-runs.ts';
import { captures, copies, type ProvingRun, specialized } from './proving-run.ts';
import {
  addProduction,
  leaveCommand,
  leaveInFlight,
  putPrunable,
  softDelete,
  TESTS,
  USERS,
} from './worlds.ts';

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

/** All of them. */
export const RUNS: readonly ProvingRun[] = [
  ...CAPTURE_RUNS,
  ...PROMOTE_RUNS,
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
    name: 'a restore of a Windows VM, after a deprovision',
    rights: ['restore', 'dismissal'],
    prepare: leaveCommand,
    run: (azure) => restore(azure, { vm: ofWindows(azure).vm }),
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
