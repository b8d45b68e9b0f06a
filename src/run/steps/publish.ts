import { fitOf, isOurs, isProvenOurs, type Owned } from '../../domain/claim.ts';
import { asFailure, refused } from '../../domain/failure.ts';
import { isAnother } from '../../domain/gallery.ts';
import { defined } from '../../domain/plain-objects.ts';
import { nameOf, resourceKind, sameId } from '../../domain/resource-id.ts';
import {
  type CaptureTarget,
  claimOf,
  claimToTemporary,
  type PromoteTarget,
} from '../../domain/target.ts';
import { snapshotsIn, temporariesOf } from '../../domain/version-order.ts';
import { joined } from '../../domain/words.ts';
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
  const judged = await requireSources(context);
  const created = await compute.createVersion(step.order).catch(async (failure: unknown) => {
    const there = await compute.version(id);
    // Azure refuses a version that another run began between our look and our request.
    if (!there || isMine(there)) throw failure;
    return false;
  });
  const after = created ? undefined : await compute.version(id);
  if (after && !isMine(after)) return overtaken;
  await requireUnchanged(judged, id, context);
  report.say(step, `Azure accepted it: ${id}`);
  report.learned({ versionKnown: true });
  return undefined;
}

/** By resource ID, what Azure calls each source beside it, and never another; those that it tells of. */
type Identities = readonly (readonly [id: string, identity: string])[];

async function identityOf({ compute }: StepContext, id: string): Promise<Identities> {
  const found =
    resourceKind(id) === 'vm'
      ? (await compute.vm(id))?.vmId
      : resourceKind(id) === 'snapshot'
        ? (await compute.snapshot(id))?.uniqueId
        : (await compute.version(id))?.published?.toISOString().slice(0, 19);
  return found ? [[id, found]] : [];
}

/**
 * A version tells only the resource ID of its source. What has the same identity before and after the
 * request was there in between: Azure never gives one again. What was made of another is deleted.
 */
async function requireUnchanged(
  judged: Identities,
  id: string,
  context: StepContext,
): Promise<void> {
  const { compute, target } = context;
  const now = (await Promise.all(judged.map(([source]) => identityOf(context, source)))).flat();
  const other = now.find(([source, identity]) =>
    judged.some(([one, was]) => one === source && was !== identity),
  );
  if (!other) return;
  const made = await compute.version(id);
  const isProven = made !== undefined && isProvenOurs(claimOf(target), made);
  const kept = isProven ? await compute.remove(id).then(() => undefined, asFailure) : undefined;
  const isGone = isProven && !kept;
  const name = nameOf(other[0]);
  throw refused({
    what: `Image version ${nameOf(id)} was possibly made of another \`${name}\` than this run had looked at. ${isGone ? 'It was deleted.' : 'It is possibly still there.'}`,
    why: joined(' ', [
      `Somebody deleted \`${name}\` during this run, and made another with its name.`,
      kept && `The version was not deleted: ${kept.what}`,
    ]),
    remedy: `${isGone ? '' : `If this run made \`${id}\`, delete it. `}Find the cause in the activity log. Then start a new run.`,
    ...(kept && defined({ code: kept.code, correlationId: kept.correlationId, cause: kept })),
  });
}

async function requireSources(context: StepContext): Promise<Identities> {
  const { target } = context;
  if (target.operation === 'promote') return requireSourceVersion(target, context);
  return target.operation === 'capture' ? requireCaptured(target, context) : [];
}

/** Whoever can delete and create versions can put another image under the number that was judged. */
async function requireSourceVersion(
  { source, claim: { since } }: PromoteTarget,
  { compute }: StepContext,
): Promise<Identities> {
  const found = await compute.version(source);
  const judged = { id: source, ...(since && { published: since }) };
  if (found && !isAnother(judged, found))
    return found.published ? [[source, found.published.toISOString().slice(0, 19)]] : [];
  throw refused({
    what: `\`${source}\` was not copied: ${found ? 'another version has its number now' : 'it is gone'}.`,
    why: 'Something else replaced or deleted it during this run.',
    remedy: 'Find the cause in the activity log. Then start a new run, which checks it again.',
  });
}

/** Whoever can write snapshots and images can put another's disk under the names this run chose. */
async function requireCaptured(target: CaptureTarget, context: StepContext): Promise<Identities> {
  const { source } = target;
  if (source?.from === 'vm') return [[source.vm, (await requireSameVm(context, source.vm)).vmId]];
  const vm = await context.compute.vm(target.request.vm);
  if (vm && !isSameVm(context, vm)) throw vmReplaced(vm.name);
  const all = temporariesOf(source).map(async (id): Promise<Identities> => {
    const from = snapshotsIn(source).find(({ snapshot }) => sameId(snapshot, id));
    const [found, disk] = await Promise.all([
      temporaryAt(context.compute, id),
      from && context.compute.disk(from.disk),
    ]);
    const claim = claimToTemporary(target, id, disk ? [disk] : []);
    const taken = context.compute.madeHere(id) ?? found?.uniqueId;
    const isSame = (found?.uniqueId ?? taken) === taken;
    if (found && isSame && isProvenOurs(claim, found)) return taken ? [[id, taken]] : [];
    const { since } = claim;
    const isOld = found?.published && since && found.published < since;
    const of = found?.sourceId ?? 'something that Azure does not show';
    const fits = found && fitOf(claim, found) === 'fits';
    throw refused({
      what: `\`${nameOf(id)}\` was not used as the source of the image version: ${!found ? 'it is gone' : !isSame ? 'another one has its name now' : isOld ? 'it was taken before the VM went off' : fits ? 'its tags do not name this run' : `it was made of \`${of}\``}.`,
      why: 'Something else replaced, changed or deleted it during this run.',
      remedy: 'Find the cause in the activity log. Then re-run the failed job; it resumes here.',
    });
  });
  return (await Promise.all(all)).flat();
}
