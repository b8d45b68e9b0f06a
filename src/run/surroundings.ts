import { Failure, nothingIf } from '../domain/failure.ts';
import type { Inventory } from '../domain/observed.ts';
import { defined, distinctBy } from '../domain/plain-objects.ts';
import { groupOf, isWithin, nameOf, parentId } from '../domain/resource-id.ts';
import type { ScopeRights, Surroundings } from '../domain/subscription.ts';
import type { Target } from '../domain/target.ts';
import { isThrowAwayOf, type ThrowAwayVm } from '../domain/throw-away.ts';
import { allows } from '../plan/needed-rights.ts';
import { type Step, writesOf } from '../plan/plan.ts';
import { locksOn } from './observe.ts';
import type { Situation } from './operation.ts';
import type { Creation } from './orders.ts';
import type { Reads } from './ports.ts';
import { ifAllowed } from './reading.ts';

/** What the rules look at beside an inventory: all that the plan meets; reads only. */
export async function lookAround(
  compute: Reads,
  found: Situation<Target> | undefined,
  inventory: Inventory,
) {
  const steps = found?.steps ?? [];
  const { changes, deletions } = writesOf(steps);
  const [locks, around, policies] = await Promise.all([
    locksOn(compute, [...changes, ...deletions]),
    surroundingsFor(compute, found),
    denialsFor(compute, found, inventory.rights),
  ]);
  return { steps, locks, inventory: { ...inventory, ...around, ...policies } };
}

/**
 * What the throw-away VM meets, for the rules; reads only. Nothing where none is made, and once the
 * version of this run is there: an attempt that goes on is not to be stopped halfway.
 */
async function surroundingsFor(
  compute: Reads,
  found: Situation<Target> | undefined,
): Promise<Pick<Inventory, 'surroundings'>> {
  if (!found) return {};
  const { target, seen, steps } = found;
  const makes = target.operation === 'capture' || 'order' in target;
  const vm = steps.find((step) => step.do === 'verify')?.vm;
  if (!vm || (makes && seen.version)) return {};
  // Region and size are those of a VM that is not built yet.
  if ('assumedVm' in target) return { surroundings: { vm } };
  // One that an earlier attempt left counts for the quota until this run deletes it.
  const left = [...(seen.throwAways ?? []), ...(seen.othersThrowAways ?? [])].length > 0;
  return { surroundings: await surroundingsOf(compute, vm, left) };
}

async function surroundingsOf(
  compute: Reads,
  vm: ThrowAwayVm,
  left: boolean,
): Promise<Surroundings> {
  const { id, version, location, size, subnet } = vm;
  const group = groupOf(id);
  const [there, network, sizes, other, quotas] = await Promise.all([
    ifAllowed(groupFact(compute, group, groupOf(version))),
    ifAllowed(compute.virtualNetwork(parentId(subnet)).then((found) => defined({ found }))),
    ifAllowed(compute.offeredSizes(id, location)),
    ifAllowed(compute.vm(id)),
    left ? [] : ifAllowed(compute.coreQuotas(id, location)),
  ]);
  const offered = sizes?.find(({ name }) => name.toLowerCase() === size.toLowerCase());
  return defined({
    vm,
    group: there,
    network,
    // A cloud that lists no size at all tells nothing.
    size: sizes?.length ? defined({ found: offered }) : undefined,
    quotas,
    foreign: other && !isThrowAwayOf(version, other) ? id : undefined,
  });
}

/** A cloud that tells the permissions on no group tells nothing of this one. */
async function groupFact(compute: Reads, group: string, known: string) {
  if (await compute.permissions(group)) return { found: nameOf(group) };
  return (await compute.permissions(known)) ? {} : undefined;
}

/**
 * Policies that deny what a plan makes. It asks about one resource of each kind, and only where a role
 * names the action. `*` or `*\/read` alone does not count: so a run sends only GETs before its checks
 * have passed, unless somebody grants more, and whoever finds an answer wrong can take that away. What
 * Azure does not tell beforehand, it tells at the request itself.
 */
async function denialsFor(
  compute: Reads,
  found: Situation<Target> | undefined,
  rights: readonly ScopeRights[],
): Promise<Pick<Inventory, 'denials'>> {
  if (!found || ('assumedVm' in found.target && found.target.assumedVm)) return {};
  const all = found.steps.flatMap((step) => creationIn(step, found.target));
  const asked = distinctBy(all, ({ make }) => make).filter(({ order }) =>
    mayAsk(groupOf(order.id), rights),
  );
  const answers = await Promise.all(
    asked.map((each) =>
      compute.denials(each).catch(nothingIf((thrown) => thrown instanceof Failure)),
    ),
  );
  const told = answers.filter((answer) => answer !== undefined);
  return told.length > 0 ? { denials: told.flat() } : {};
}

/** What a step makes, as it sends it. */
function creationIn(step: Step, { location, tags }: Target): Creation[] {
  switch (step.do) {
    case 'snapshot':
      return step.of.map(({ disk, snapshot: id }) => ({
        make: 'snapshot',
        order: { id, disk, location, purpose: step.purpose, tags: { ...tags, ...step.tags } },
      }));
    case 'image':
      return [{ make: 'image', order: { id: step.image, location, vm: step.vm, tags } }];
    case 'publish':
      return [{ make: 'version', order: step.order }];
    case 'verify':
      return [{ make: 'vm', order: step.vm }];
    default:
      return [];
  }
}

/** The action as Azure publishes it, and as its method would have it. */
const ACTIONS = ['read', 'action'].map(
  (verb) => `Microsoft.PolicyInsights/checkPolicyRestrictions/${verb}`,
);

/** Whether the identity has the right at the group, or at what was looked at in it. */
function mayAsk(group: string, rights: readonly ScopeRights[]): boolean {
  const counts = (pattern: string) => /^Microsoft\.PolicyInsights\//i.test(pattern);
  return rights.some(({ scope, permissions }) => {
    const named = permissions.map((each) => ({ ...each, actions: each.actions.filter(counts) }));
    return isWithin(scope, group) && ACTIONS.some((action) => allows(named, action));
  });
}
