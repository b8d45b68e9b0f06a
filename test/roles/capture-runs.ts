import { capture, ofWindows, RETURNS } from '../scenarios/harness.ts';
import { addPublicIp } from '../scenarios/public-ip.ts';
import { captures, type ProvingRun, specialized } from './proving-run.ts';
import { addKey, failVersion, KEYED_REGION, onlySupported, softDelete, stopVm } from './worlds.ts';

/** Captures, with all that a capture may add to its rights but a verification. */
export const CAPTURE_RUNS: readonly ProvingRun[] = [
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
    name: 'a capture, `after-capture: restore`',
    rights: ['capture', 'snapshot', 'disks', 'return'],
    ...captures(RETURNS),
  },
  {
    name: 'a capture, `after-capture: restore`, `old-disks: delete`',
    rights: ['capture', 'snapshot', 'disks', 'return', 'oldDisks'],
    ...captures({ ...RETURNS, oldDisks: 'delete' }),
  },
  {
    name: 'a capture, `after-capture: delete`',
    rights: ['capture', 'deletion'],
    prepare: addPublicIp,
    ...captures({ afterCapture: 'delete' }),
  },
  {
    name: 'a capture, `after-capture: delete` in one request',
    rights: ['capture', 'snapshot', 'deletion', 'withVm'],
    prepare: addPublicIp,
    run: (azure) => capture(azure, { request: { ...specialized(azure), afterCapture: 'delete' } }),
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
];
