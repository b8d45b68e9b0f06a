import { stateOf } from '../../domain/observed.ts';
import type { WaitRequest } from '../../domain/request.ts';
import { existing, type WaitTarget } from '../../domain/target.ts';
import { planWait } from '../../plan/wait.ts';
import { meantVersion, notFound, stillThere } from '../meant-resource.ts';
import type { Operation, Prepared } from '../operation.ts';

/**
 * Waits for a version in flight, whoever made it. Reads only: a version that failed is
 * reported, not repaired.
 */
export const waitOperation = (request: WaitRequest): Operation<WaitTarget> => ({
  async prepare(compute): Promise<Prepared<WaitTarget>> {
    const { id, version } = await meantVersion(compute, request);
    if (!version) return notFound(compute, request.definition, id);
    const target: WaitTarget = { operation: 'wait', request, ...existing(version) };
    const seen = stateOf(version);
    const found = { target, seen, steps: planWait(target, seen) };
    return { found, findings: [], unchecked: [] };
  },
  observe: async (compute, target) => stateOf(await stillThere(compute, target.version)),
  plan: planWait,
});
