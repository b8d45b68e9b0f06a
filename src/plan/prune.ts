import type { State } from '../domain/observed.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { PruneTarget } from '../domain/target.ts';
import { throwAwayId } from '../domain/verification.ts';
import { deletion } from './common-steps.ts';
import { groupOf } from './needed-rights.ts';
import type { Step } from './plan.ts';
import { isAsJudged } from './prune-judgement.ts';

/**
 * The deletions that are missing: of versions, of snapshots, and of VMs that ended verifications left,
 * with their versions; empty when nothing is left to delete. Such a VM is deleted before its version, and
 * both last: where Azure refuses to delete the VM, its version stays, and nothing else does. A version
 * that changed since it was chosen is left to the next run.
 */
export function planPrune(
  { deletions }: Pick<PruneTarget, 'deletions'>,
  { prunable = [], throwAways = [], expired }: Pick<State, 'prunable' | 'throwAways' | 'expired'>,
): Step[] {
  const now = new Map(prunable.map((version) => [version.id, version]));
  const versions = deletions.filter((was) => isAsJudged(was, now.get(was.id))).map(({ id }) => id);
  const hasVm = (version: string) => throwAways.some((vm) => isNamedAfter(vm, version));
  return [
    ...deletion(
      'old-versions',
      versions.filter((id) => !hasVm(id)),
    ),
    ...deletion('old-snapshots', expired),
    ...deletion('earlier-verify-vm', throwAways),
    ...deletion('old-verified-versions', versions.filter(hasVm)),
  ];
}

/** Whether a VM has the name of the throw-away VM of this version; resource IDs. */
export const isNamedAfter = (vm: string, version: string): boolean =>
  nameOf(throwAwayId(version, groupOf(vm))) === nameOf(vm).toLowerCase();
