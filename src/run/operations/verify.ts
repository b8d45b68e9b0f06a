import { Failure } from '../../domain/failure.ts';
import { type ImageVersion, type State, stateOf } from '../../domain/observed.ts';
import type { VerifyRequest } from '../../domain/request.ts';
import { existing, type VerifyTarget } from '../../domain/target.ts';
import { passedVerification } from '../../domain/verification.ts';
import { scopesOf } from '../../plan/needed-rights.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { verifyContext } from '../../plan/preflight/verify-context.ts';
import { verifyRules } from '../../plan/preflight/verify-rules.ts';
import type { Origin } from '../../plan/resolve.ts';
import { noLatest, noSource } from '../../plan/source-version.ts';
import { planVerify } from '../../plan/verify.ts';
import { verifyPlanOf } from '../../plan/verify-vm.ts';
import { allReads } from '../all-reads.ts';
import { nearestName } from '../nearest-name.ts';
import { locksAround, rightsAt } from '../observe.ts';
import type { Operation, Prepared } from '../operation.ts';
import { notFound, pinnedVersion } from '../pinned-version.ts';
import type { Reads } from '../ports.ts';
import { surroundingsFor } from '../verify/surroundings.ts';
import { sourceVmOf, throwAwaysFor } from '../verify/throw-aways.ts';

/**
 * Boots a version that exists, whoever made it, and records in its tags whether it works. Never
 * changes `latest`, and never deletes a version.
 */
export const verifyOperation = (
  request: VerifyRequest,
  origin: Origin,
): Operation<VerifyTarget> => ({
  async prepare(compute, dryRun): Promise<Prepared<VerifyTarget>> {
    const [id, definition] = await allReads([
      pinnedVersion(compute, request),
      compute.definition(request.definition),
    ]);
    const near = () => nearestName(compute, id ?? request.definition);
    if (!id) return notFound(noLatest(request.definition, await near()));
    const version = await compute.version(id);
    if (!version || !definition) return notFound(noSource(id, await near()));
    const buildVm = await sourceVmOf(compute, version);
    const { provenance: tags } = origin;
    const target: VerifyTarget = {
      operation: 'verify',
      request,
      ...existing(version),
      verify: verifyPlanOf({
        settings: request.verify,
        version: id,
        location: version.location,
        definition,
        buildVm,
        tags,
      }),
    };
    const seen = await observe(compute, target, version);
    const steps = planVerify(target, seen);
    const found = { target, seen, steps };
    const [locks, rights, around] = await Promise.all([
      locksAround(compute, steps),
      steps.length > 0 ? rightsAt(compute, scopesOf.verify(request)) : [],
      surroundingsFor(compute, found),
    ]);
    const inventory = { ...NOTHING, now: new Date(), definition, rights, ...around };
    const context = verifyContext({ request, inventory, target, dryRun, steps, locks });
    return { ...judge(verifyRules, context), found };
  },
  observe: (compute, target) => observe(compute, target),
  plan: planVerify,
  isLost: () => false,
});

async function observe(compute: Reads, target: VerifyTarget, known?: ImageVersion): Promise<State> {
  const version = known ?? (await compute.version(target.version));
  if (!version) throw disappeared(target.version);
  const passed = passedVerification(version, target.verify.script);
  return {
    ...stateOf(version),
    throwAways: await throwAwaysFor(compute, version, target.verify.vm.id),
    ...(passed && { verification: passed }),
  };
}

/** What a verification does not look at. */
const NOTHING = {
  gallery: undefined,
  versions: [],
  softDeleted: [],
  encryptionSets: [],
  disks: [],
  attached: [],
  snapshotsBeside: [],
} as const;

const disappeared = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `The image version ${id} disappeared while it was being verified.`,
    why: 'Somebody deleted it.',
    remedy: 'The activity log of the gallery shows who.',
  });
