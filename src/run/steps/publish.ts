import { fitOf, isOurs, isProvenOurs, type Owned } from '../../domain/claim.ts';
import { refused } from '../../domain/failure.ts';
import { isAnother } from '../../domain/gallery.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import {
  type CaptureTarget,
  claimOf,
  claimToTemporary,
  type PromoteTarget,
} from '../../domain/target.ts';
import { snapshotsIn, temporariesOf } from '../../domain/version-order.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Interruption, stale } from '../interruption.ts';
import { temporaryAt } from '../observe.ts';
import { isSameVm, requireSameVm, vmReplaced } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Sends the new version. There is no conditional PUT for versions, so the number is looked at right
 * before. What Azure answers with 201 is this run's; else it is looked at right after, the owner tag
 * and what the version is made of decide, and who lost takes the next number.
 */
export async function publish(
  step: StepOf<'publish'>,
  context: StepContext,
): Promise<Interruption | undefined> {
  const { compute, target, report } = context;
  const { id } = step.order;
  const isMine = (version: Owned) => isOurs(claimOf(target), version);
  const overtaken = stale(`another run made image version ${nameOf(id)} in the meantime`);
  const before = await compute.version(id);
  if (before && !isMine(before)) return overtaken;
  if (target.operation === 'capture') await requireSources(target, context);
  if (target.operation === 'promote') await requireSourceVersion(target, context);
  const created = await compute.createVersion(step.order).catch(async (failure: unknown) => {
    const there = await compute.version(id);
    // Azure refuses a version that another run began between our look and our request.
    if (!there || isMine(there)) throw failure;
    return false;
  });
  const after = created ? undefined : await compute.version(id);
  if (after && !isMine(after)) return overtaken;
  report.say(step, `Azure accepted it: ${id}`);
  report.learned({ versionKnown: true });
  return undefined;
}

/** Whoever can delete and create versions can put another image under the number that was judged. */
async function requireSourceVersion(
  { source, claim: { since } }: PromoteTarget,
  { compute }: StepContext,
): Promise<void> {
  const found = await compute.version(source);
  const judged = { id: source, ...(since && { published: since }) };
  if (found && !isAnother(judged, found)) return;
  throw refused({
    what: `\`${source}\` was not copied: ${found ? 'another version has its number now' : 'it is gone'}.`,
    why: 'Something else replaced or deleted it during this run.',
    remedy: 'Find the cause in the activity log. Then start a new run, which checks it again.',
  });
}

/** Whoever can write snapshots and images can put another's disk under the names this run chose. */
async function requireSources(target: CaptureTarget, context: StepContext): Promise<void> {
  const { source } = target;
  if (source?.from === 'vm') return void (await requireSameVm(context, source.vm));
  const vm = await context.compute.vm(target.request.vm);
  if (vm && !isSameVm(context, vm)) throw vmReplaced(vm.name);
  await Promise.all(
    temporariesOf(source).map(async (id) => {
      const from = snapshotsIn(source).find(({ snapshot }) => sameId(snapshot, id));
      const [found, disk] = await Promise.all([
        temporaryAt(context.compute, id),
        from && context.compute.disk(from.disk),
      ]);
      const claim = claimToTemporary(target, id, disk ? [disk] : []);
      if (found && isProvenOurs(claim, found)) return;
      const { since } = claim;
      const isOld = found?.published && since && found.published < since;
      const of = found?.sourceId ?? 'something that Azure does not show';
      const fits = found && fitOf(claim, found) === 'fits';
      throw refused({
        what: `\`${nameOf(id)}\` was not used as the source of the image version: ${!found ? 'it is gone' : isOld ? 'it was taken before the VM went off' : fits ? 'its tags do not name this run' : `it was made of \`${of}\``}.`,
        why: 'Something else replaced, changed or deleted it during this run.',
        remedy: 'Find the cause in the activity log. Then re-run the failed job; it resumes here.',
      });
    }),
  );
}
