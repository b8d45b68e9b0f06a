import { isRefusal } from '../../domain/failure.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { PruneTarget } from '../../domain/target.ts';
import { DELETED_AT_ONCE } from '../../plan/labels.ts';
import type { StepOf } from '../../plan/plan.ts';
import { describeReason, stillKept } from '../../plan/prune.ts';
import { lookAtVersions, requireSight } from '../prune-sight.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Deletes versions that somebody else may have made, by the user's order: oldest first, some at once.
 * All that may keep a version is looked at anew before each group: somebody may have taken the newest
 * one out of `latest`, and so made an older one what it means. Each version is read again right before
 * its deletion. One that has to stay after all is told, and stays.
 *
 * Throws the first refusal of Azure's once the rest is done.
 */
export async function deleteVersions(step: StepOf<'delete'>, context: StepContext): Promise<void> {
  const { target } = context;
  if (target.operation !== 'prune') return;
  const chosen = target.deletions.filter(({ id }) => step.of.includes(id));
  const failures: unknown[] = [];
  for (let from = 0; from < chosen.length; from += DELETED_AT_ONCE) {
    const group = chosen.slice(from, from + DELETED_AT_ONCE);
    const kept = await keptNow(context, target);
    const settled = await Promise.allSettled(
      group.map((version) => deleteVersion(version, kept, step, context)),
    );
    failures.push(...settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])));
    if (failures.some((each) => !isRefusal(each))) break;
  }
  if (failures.length > 0) throw failures.find((each) => !isRefusal(each)) ?? failures[0];
}

/** What keeps a version at this moment, as a function of how it was judged and how it is. */
async function keptNow({ compute }: StepContext, { request }: PruneTarget) {
  const sight = await lookAtVersions(compute, request);
  requireSight(sight);
  return stillKept(request, sight);
}

async function deleteVersion(
  was: ImageVersion,
  keptBy: ReturnType<typeof stillKept>,
  step: StepOf<'delete'>,
  { compute, report }: StepContext,
): Promise<void> {
  const { id } = was;
  const is = await compute.version(id);
  const kept = is && keptBy(was, is);
  if (kept) {
    report.say(step, `Kept ${nameOf(id)}: ${describeReason(kept)}.`);
    report.pruned(id, kept);
    return;
  }
  if (!is) {
    report.say(step, `${nameOf(id)} is gone already.`);
    report.pruned(id, 'gone');
    return;
  }
  await compute.remove(id).catch((thrown: unknown) => {
    if (isRefusal(thrown)) report.pruned(id, { reason: 'refused', detail: thrown.code ?? '' });
    throw thrown;
  });
  report.say(step, `Deleted ${nameOf(id)}.`);
  report.pruned(id);
}
