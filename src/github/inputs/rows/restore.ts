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
    operations: OF_RESTORES,
    parse: parseChoice('keep', 'delete'),
    about:
      'What happens to the disks that are replaced: `keep` or `delete`. They are deleted only after the VM runs again.',
    default: 'keep',
  },
  recreate: {
    operations: OF_RESTORES,
    parse: parseFlag,
    about:
      'Whether a generalized VM may be deleted and created again of the restored disks: `true` or `false`. Azure never lets a generalized VM start again. The plan names what is lost, such as `vmId` and extensions.',
    default: 'false',
  },
} satisfies Rows;
