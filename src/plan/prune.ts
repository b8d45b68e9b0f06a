import type { State } from '../domain/observed.ts';
import type { PruneTarget } from '../domain/target.ts';
import { type Step, step } from './plan.ts';
import { isAsJudged } from './prune-judgement.ts';

/**
 * The deletions that are missing: of the VMs that dead verifications made of the versions, of the
 * versions, of snapshots; empty when nothing is left to go. A version that changed since it was chosen
 * is left to the next run.
 */
export function planPrune(
  { deletions }: Pick<PruneTarget, 'deletions'>,
  { prunable = [], throwAways = [], expired }: Pick<State, 'prunable' | 'throwAways' | 'expired'>,
): Step[] {
  const now = new Map(prunable.map((version) => [version.id, version]));
  const versions = deletions.filter((was) => isAsJudged(was, now.get(was.id))).map(({ id }) => id);
  return [
    ...(throwAways.length > 0
      ? [step('delete', { label: 'earlier-verify-vm', of: throwAways })]
      : []),
    ...(versions.length > 0 ? [step('delete', { label: 'old-versions', of: versions })] : []),
    ...(expired.length > 0 ? [step('delete', { label: 'old-snapshots', of: expired })] : []),
  ];
}
