import type { State } from '../domain/observed.ts';
import type { PruneTarget } from '../domain/target.ts';
import { type Step, step } from './plan.ts';

/** The deletions that are missing: versions first, then snapshots; empty when nothing is left to go. */
export function planPrune(
  { deletions }: Pick<PruneTarget, 'deletions'>,
  { prunable = [], expired }: Pick<State, 'prunable' | 'expired'>,
): Step[] {
  const versions = deletions.map(({ id }) => id).filter((id) => prunable.includes(id));
  return [
    ...(versions.length > 0 ? [step('delete', { label: 'old-versions', of: versions })] : []),
    ...(expired.length > 0 ? [step('delete', { label: 'old-snapshots', of: expired })] : []),
  ];
}
