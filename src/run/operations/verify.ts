import type { ImageVersion } from '../../domain/gallery.ts';
import { NOTHING_SEEN, type State, stateOf } from '../../domain/observed.ts';
import type { VerifyRequest } from '../../domain/request.ts';
import { existing, type VerifyTarget } from '../../domain/target.ts';
import { passedVerification } from '../../domain/verification.ts';
import { neededRights } from '../../plan/needed-rights.ts';
import type { Origin } from '../../plan/origin.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { verifyPlanOf } from '../../plan/resolve-verify.ts';
import { planVerify } from '../../plan/verify.ts';
import { meantVersion, notFound, stillThere } from '../meant-resource.ts';
import { rightsAt } from '../observe.ts';
import type { Operation, Prepared } from '../operation.ts';
import type { Reads } from '../ports.ts';
import { allReads } from '../reading.ts';
import { lookAround } from '../surroundings.ts';
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
    const [{ id, version }, definition] = await allReads([
      meantVersion(compute, request),
      compute.definition(request.definition),
    ]);
    if (!version || !definition) return notFound(compute, request.definition, id);
    const buildVm = await sourceVmOf(compute, version);
    const { provenance: tags } = origin;
    const target: VerifyTarget = {
      operation: 'verify',
      request,
      ...existing(version),
      verify: verifyPlanOf({
        settings: request.verify,
        version: version.id,
        location: version.location,
        definition,
        buildVm,
        tags,
      }),
    };
    const seen = await observe(compute, target, version);
    const steps = planVerify(target, seen);
    const found = { target, seen, steps };
    const rights = steps.length > 0 ? await rightsAt(compute, neededRights(request)) : [];
    const inventory = { ...NOTHING_SEEN, now: new Date(), definition, rights };
    const around = await lookAround(compute, found, inventory);
    return { ...preflight('verify', { request, target, dryRun, origin, ...around }), found };
  },
  observe,
  plan: planVerify,
});

async function observe(compute: Reads, target: VerifyTarget, known?: ImageVersion): Promise<State> {
  const { version: id, verify } = target;
  const found = known ?? (await compute.version(id));
  const left = await throwAwaysFor(compute, found ?? id, verify);
  // What was made of a version goes before the run ends with that the version is gone.
  const isLeft = (left.throwAways ?? []).length > 0;
  const version = found ?? (isLeft ? undefined : await stillThere(compute, id));
  const passed = version && passedVerification(version, verify.script);
  return {
    ...stateOf(version),
    ...left,
    ...(passed && { verification: passed }),
  };
}
