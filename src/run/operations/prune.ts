import { type Inventory, NOTHING_SEEN, type State, stateOf } from '../../domain/observed.ts';
import { SOURCE_TAG } from '../../domain/owner.ts';
import type { PruneRequest } from '../../domain/request.ts';
import { parentId } from '../../domain/resource-id.ts';
import { REPOSITORY_TAG } from '../../domain/snapshot-sets.ts';
import { lockOn } from '../../domain/subscription.ts';
import { LONGEST_TAG_VALUE } from '../../domain/tags.ts';
import type { PruneTarget } from '../../domain/target.ts';
import { neededRights } from '../../plan/needed-rights.ts';
import type { Origin } from '../../plan/origin.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import { goes, type Judged, judgeVersions, planPrune } from '../../plan/prune.ts';
import { nearestNames } from '../meant-resource.ts';
import { expiredAmong, rightsAt } from '../observe.ts';
import type { Operation, Prepared } from '../operation.ts';
import type { Reads } from '../ports.ts';
import { forgottenWith, lookAtVersions, type PruneSight, requireSight } from '../prune-sight.ts';
import { allReads, ifAllowed } from '../reading.ts';

/** Versions that nobody needs go, whoever made them, and snapshots beyond their retention. */
export const pruneOperation = (request: PruneRequest, origin: Origin): Operation<PruneTarget> => ({
  async prepare(compute, dryRun): Promise<Prepared<PruneTarget>> {
    const seenNow = await takeInventory(compute, request);
    // Who uses them is not known where nobody could look: nothing is planned then.
    const all = judgeVersions(request, seenNow);
    const judged = seenNow.unreadable.length > 0 ? [] : all;
    const target = targetOf(request, origin, seenNow, judged);
    const seen = await stateFrom(compute, request, target, seenNow, judged);
    const found = target && { target, seen, steps: planPrune(target, seen) };
    const { gallery, recoverableDays: days, now } = seenNow;
    return {
      ...preflight('prune', {
        request,
        target,
        dryRun,
        origin,
        inventory: seenNow,
        steps: found?.steps ?? [],
        locks: seenNow.locks,
        pruning: { judged, unreadable: seenNow.unreadable },
      }),
      found,
      pruning: {
        versions: judged,
        terms: {
          subscriptions: request.usageSubscriptions,
          now,
          ...(gallery?.softDelete && { recoverable: { ...(days !== undefined && { days }) } }),
        },
      },
    };
  },

  async observe(compute, target) {
    const seenNow = await takeInventory(compute, request);
    requireSight(seenNow);
    return stateFrom(compute, request, target, seenNow, judgeVersions(request, seenNow));
  },

  plan: planPrune,
});

/** Looks at everything that a run of a prune starts from; reads only. */
async function takeInventory(compute: Reads, request: PruneRequest) {
  const { definition: id, snapshots: retention } = request;
  const [gallery, definition, sight, snapshotsBeside, rights] = await allReads([
    compute.gallery(parentId(id)),
    compute.definition(id),
    lookAtVersions(compute, request),
    retention ? compute.snapshotsBeside(retention.vm) : [],
    rightsAt(compute, neededRights(request)),
  ]);
  const [nearest, recoverableDays] = await Promise.all([
    nearestNames(compute, { definition: definition ? undefined : id }),
    gallery?.softDelete ? ifAllowed(compute.recoverableDays(gallery.id)) : undefined,
  ]);
  return {
    ...NOTHING_SEEN,
    ...sight,
    gallery,
    definition,
    snapshotsBeside,
    rights,
    nearest,
    recoverableDays,
  };
}

/** `undefined` when there is no such definition. */
function targetOf(
  request: PruneRequest,
  { repository }: Origin,
  { definition }: Pick<Inventory, 'definition'>,
  judged: readonly Judged[],
): PruneTarget | undefined {
  if (!definition) return undefined;
  const { vm } = request.snapshots ?? {};
  return {
    operation: 'prune',
    request,
    version: request.definition,
    location: definition.location,
    regions: [],
    owner: '',
    tags: vm ? { [REPOSITORY_TAG]: repository, [SOURCE_TAG]: vm.slice(0, LONGEST_TAG_VALUE) } : {},
    excludeFromLatest: false,
    deletions: judged.filter(goes).map(({ version }) => version),
  };
}

/** What may go now. Of snapshots no set is this run's own, which retention would count. */
async function stateFrom(
  compute: Reads,
  { snapshots: retention }: PruneRequest,
  target: PruneTarget | undefined,
  inventory: PruneSight & Pick<Inventory, 'snapshotsBeside'>,
  judged: readonly Judged[],
): Promise<State> {
  const { snapshotsBeside, locks } = inventory;
  const chosen = new Set(target?.deletions.map(({ id }) => id));
  const prunable = judged
    .filter((each) => goes(each) && chosen.has(each.version.id))
    .map(({ version }) => version);
  const expired = retention
    ? await expiredAmong(compute, snapshotsBeside, {
        tags: target?.tags ?? {},
        vm: retention.vm,
        keep: retention.keep + 1,
      })
    : [];
  return {
    ...stateOf(undefined),
    prunable,
    throwAways: await forgottenWith(compute, inventory, prunable),
    expired: expired.filter((id) => !lockOn(id, locks)),
  };
}
