/** What the cases of the rules of restores are made of. */

import type { RestoreRequest } from '../../../../src/domain/request.ts';
import type { AttachedDisk, Disk, Vm } from '../../../../src/domain/vm.ts';
import { dataDisk, GROUP, osDisk, vm } from '../../worlds.ts';
import { osRoot, type RestoreCase, snapshot } from '../restore-judging.ts';

export interface RestoreBoundary {
  readonly breaks: RestoreCase;
  readonly passes: RestoreCase;
}

/** A restore, asked for so, of a VM that is so. */
export const of = (
  change: Partial<Vm>,
  asked: Partial<RestoreRequest> = {},
  more: RestoreCase = {},
): RestoreCase => ({ asked, ...more, seen: { vm: vm(change), ...more.seen } });

/** The OS disk: how it is attached, and what it is. */
export const disk = (attached: Partial<AttachedDisk>, found: Partial<Disk> = {}): RestoreCase => ({
  seen: { vm: vm({ osDisk: { ...vm().osDisk, ...attached } }), disks: [osDisk(found)] },
});

export const dataSnapshot = snapshot('lun0', {
  sourceId: `${GROUP}/disks/build-data0`,
  sourceUniqueId: 'two',
});

/** A VM with a data disk, of which these snapshots are named. */
export const named = (...ids: readonly string[]): RestoreCase => ({
  asked: { snapshotIds: ids },
  seen: {
    vm: vm({ dataDisks: [dataDisk(0)] }),
    disks: [osDisk(), osDisk({ id: `${GROUP}/disks/build-data0` })],
  },
  facts: {
    roots: [osRoot, { lun: 0, ancestors: [{ id: `${GROUP}/disks/build-data0`, uniqueId: 'two' }] }],
    named: [snapshot(), dataSnapshot].filter(({ id }) => ids.includes(id)),
  },
});
