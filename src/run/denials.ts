import { Failure } from '../domain/failure.ts';
import type { Inventory } from '../domain/observed.ts';
import type { ScopeRights } from '../domain/subscription.ts';
import type { Target } from '../domain/target.ts';
import { allows, groupOf } from '../plan/needed-rights.ts';
import type { Step } from '../plan/plan.ts';
import type { Situation } from './operation.ts';
import type { Creation } from './orders.ts';
import type { Reads } from './ports.ts';

/**
 * Policies that deny what a plan makes. It asks about one resource of each kind, and only where a role
 * names the action. `*` or `*\/read` alone does not count: so a run sends only GETs before its checks
 * have passed, unless somebody grants more, and whoever finds an answer wrong can take that away. What
 * Azure does not tell beforehand, it tells at the request itself.
 */
export async function denialsFor(
  compute: Reads,
  found: Situation<Target> | undefined,
  rights: readonly ScopeRights[],
): Promise<Pick<Inventory, 'denials'>> {
  if (!found || ('assumedVm' in found.target && found.target.assumedVm)) return {};
  const all = found.steps.flatMap((step) => creationIn(step, found.target));
  const first = all.filter(({ make }, at) => all.findIndex((each) => each.make === make) === at);
  const asked = first.filter(({ order }) => mayAsk(groupOf(order.id), rights));
  const answers = await Promise.all(asked.map((each) => compute.denials(each).catch(untold)));
  const told = answers.filter((answer) => answer !== undefined);
  return told.length > 0 ? { denials: told.flat() } : {};
}

/** What a step makes, as it sends it. */
function creationIn(step: Step, { tags }: Target): Creation[] {
  switch (step.do) {
    case 'snapshot':
      return step.of.map(({ disk, snapshot: id, location }) => ({
        make: 'snapshot',
        order: { id, disk, location, purpose: step.purpose, tags: { ...tags, ...step.tags } },
      }));
    case 'image': {
      const { image: id, location, vm } = step;
      return [{ make: 'image', order: { id, location, vm, tags } }];
    }
    case 'publish':
      return [{ make: 'version', order: step.order }];
    case 'verify':
      return [{ make: 'vm', order: step.vm, dataDisks: step.vm.dataDisks ?? [] }];
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
    return (
      `${scope}/`.toLowerCase().startsWith(`${group}/`.toLowerCase()) &&
      ACTIONS.some((action) => allows(named, action))
    );
  });
}

function untold(thrown: unknown): undefined {
  if (thrown instanceof Failure) return;
  throw thrown;
}
