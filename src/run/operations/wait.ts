import { Failure } from '../../domain/failure.ts';
import { stateOf } from '../../domain/observed.ts';
import type { WaitRequest } from '../../domain/request.ts';
import { existing, type WaitTarget } from '../../domain/target.ts';
import { noLatest, noSource } from '../../plan/source-version.ts';
import { planWait } from '../../plan/wait.ts';
import { nearestName } from '../nearest-name.ts';
import type { Operation, Prepared } from '../operation.ts';
import { notFound, pinnedVersion } from '../pinned-version.ts';

/**
 * Waits for a version in flight, whoever made it. Reads only: a version that failed is
 * reported, not repaired.
 */
export const waitOperation = (request: WaitRequest): Operation<WaitTarget> => ({
  async prepare(compute): Promise<Prepared<WaitTarget>> {
    const id = await pinnedVersion(compute, request);
    if (!id)
      return notFound(noLatest(request.definition, await nearestName(compute, request.definition)));
    const version = await compute.version(id);
    if (!version) return notFound(noSource(id, await nearestName(compute, id)));
    const target: WaitTarget = { operation: 'wait', request, ...existing(version) };
    const seen = stateOf(version);
    const found = { target, seen, steps: planWait(target, seen) };
    return { found, findings: [], unchecked: [] };
  },
  async observe(compute, target) {
    const version = await compute.version(target.version);
    if (!version) throw disappeared(target.version);
    return stateOf(version);
  },
  plan: planWait,
  isLost: () => false,
});

const disappeared = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `The image version ${id} disappeared while it was being waited for.`,
    why: 'Somebody deleted it.',
    remedy: 'The activity log of the gallery shows who. Create the version again.',
  });
