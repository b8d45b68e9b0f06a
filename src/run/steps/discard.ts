import { Failure } from '../../domain/failure.ts';
import { owns } from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';

/**
 * Deletes a version of this owner whose first build failed: Azure lets nothing else be done with
 * it (azure.md §5). Looked at once more right before, because a deletion cannot be taken back.
 */
export async function discard(step: StepOf<'discard'>, { compute, owner, report }: Bench) {
  const version = await compute.version(step.version);
  if (!version) return;
  if (!owns(owner, version.tags))
    throw new Failure({
      kind: 'refused',
      what: `Image version ${nameOf(step.version)} is not this run's any more, so it is not deleted.`,
      why: 'Somebody else made or changed it in the meantime.',
      remedy: 'Run again with another `image-version`, or `auto`.',
    });
  if (version.provisioningState === 'Failed') {
    const reason = await compute.whyFailed(step.version);
    report.say(step, reason ? `It had failed: ${reason}` : 'An earlier attempt left it Failed.');
  }
  await compute.deleteVersion(step.version);
}
