import { latestByRegion } from '../../domain/latest.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { parentId } from '../../domain/resource-id.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { forecastLatest, planPromote, regionsOf } from '../../plan/promote.ts';
import { reportFacts } from '../../plan/reported.ts';
import type { Origin } from '../../plan/resolve.ts';
import { isAnothers, resolvePromote } from '../../plan/resolve-promote.ts';
import { observePromotion, takePromotionInventory } from '../observe-promote.ts';
import type { Operation, Prepared } from '../operation.ts';
import { lookAround } from '../surroundings.ts';

/** A version that exists is copied into another definition, or changed where it is. */
export const promoteOperation = (
  request: PromoteRequest,
  origin: Origin,
): Operation<PromoteTarget> => ({
  async prepare(compute, dryRun): Promise<Prepared<PromoteTarget>> {
    const inventory = await takePromotionInventory(compute, request);
    const target = resolvePromote(request, origin, inventory);
    const seen = target && (await observePromotion(compute, target, inventory));
    const found = target && seen && { target, seen, steps: planPromote(target, seen) };
    const around = await lookAround(compute, found, inventory);
    const isFree = target && seen && !isAnothers(target, seen.version);
    return {
      ...preflight('promote', { request, target, dryRun, origin, ...around }),
      found,
      shown: reportFacts(inventory, target),
      ...(isFree && { latest: forecastLatest(target, inventory.versions) }),
    };
  },
  observe: (compute, target) => observePromotion(compute, target),
  plan: planPromote,
  isLost: (target, { version }) => isAnothers(target, version),
  async latest(compute, target) {
    return latestByRegion(await compute.versions(parentId(target.version)), regionsOf(target, []));
  },
});
