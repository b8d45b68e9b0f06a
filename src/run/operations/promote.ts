import { latestByRegion } from '../../domain/latest.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { parentId } from '../../domain/resource-id.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { forecastLatest, regionsOf } from '../../plan/forecast.ts';
import { promoteFacts, promoteLacks } from '../../plan/preflight/promote-facts.ts';
import { promoteRules } from '../../plan/preflight/promote-rules.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { planPromote } from '../../plan/promote.ts';
import type { Origin } from '../../plan/resolve.ts';
import { isAnothers } from '../../plan/resolve-copy.ts';
import { resolvePromote } from '../../plan/resolve-promote.ts';
import { locksAround } from '../observe.ts';
import { observePromotion, surveyPromotion } from '../observe-promote.ts';
import type { Operation, Prepared, Seen } from '../operation.ts';

/** A version that exists is copied into another definition, or changed where it is. */
export const promoteOperation = (
  request: PromoteRequest,
  origin: Origin,
): Operation<PromoteTarget, Seen> => ({
  async prepare(compute, dryRun): Promise<Prepared<PromoteTarget, Seen>> {
    const survey = await surveyPromotion(compute, request);
    const target = resolvePromote(request, origin, survey);
    const seen = target && (await observePromotion(compute, target, survey));
    const found = target && seen && { target, seen, steps: planPromote(target, seen) };
    const steps = found?.steps ?? [];
    const locks = await locksAround(compute, steps);
    const facts = promoteFacts({ request, survey, target, steps, locks });
    const isFree = target && seen && !isAnothers(target, seen.version);
    return {
      ...judge(promoteRules, facts, { dryRun, lacking: promoteLacks(facts) }),
      found,
      ...(isFree && { latest: forecastLatest(target, survey.versions) }),
    };
  },
  observe: (compute, target) => observePromotion(compute, target),
  plan: planPromote,
  isLost: (target, { version }) => isAnothers(target, version),
  async latest(compute, target) {
    return latestByRegion(await compute.versions(parentId(target.version)), regionsOf(target, []));
  },
});
