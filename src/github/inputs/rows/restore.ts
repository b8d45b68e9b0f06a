import { parseChoice, parseFlag, parseSnapshotIds } from '../parse.ts';
import type { Rows } from '../row.ts';

const OF_RESTORES = ['restore'] as const;

/** How a VM comes back. */
export const RESTORE = {
  'snapshot-ids': {
    operations: OF_RESTORES,
    parse: parseSnapshotIds,
    about:
      'The snapshots to go back to, as resource IDs: a JSON array as in the output of the same name, or with lines, commas or spaces between them. Give one for each disk; a disk without one stays as it is.',
    otherwise:
      'the newest complete set that this repository took of the VM before a change, `snapshot: true` of a capture',
    example: 'needs.capture.outputs.snapshot-ids',
  },
  'old-disks': {
    operations: ['restore', 'capture'],
    parse: parseChoice('keep', 'delete'),
    about:
      'What happens to the disks that are replaced: `keep` or `delete`. They are deleted only after the VM runs again, and by a capture with `after-capture: restore` once every region is complete.',
    default: 'keep',
    checks: [
      ({ operation, has, value }) =>
        operation === 'capture' &&
        has('old-disks') &&
        value('after-capture') !== 'restore' &&
        '`old-disks` is given, but without `after-capture: restore` a capture replaces no disk. Remove one of them.',
      ({ operation, value }) =>
        operation === 'capture' &&
        value('old-disks') === 'delete' &&
        value('wait-for') !== 'replicated' &&
        '`old-disks` is "delete", which needs `wait-for: replicated`: until then a version that fails is made again of them.',
    ],
  },
  recreate: {
    operations: OF_RESTORES,
    parse: parseFlag,
    about:
      'Whether a generalized VM may be deleted and created again of the restored disks: `true` or `false`. Azure never lets a generalized VM start again. The plan names what is lost, such as `vmId` and extensions.',
    default: 'false',
  },
} satisfies Rows;
