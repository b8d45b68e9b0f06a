import { definitionAt, type Inventory } from '../../domain/observed.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { neededRights, plannedOf } from '../needed-rights.ts';
import { writesOf } from '../plan.ts';
import { chooseNumber } from '../resolve.ts';
import { captureFacts } from './capture-facts.ts';
import { type Checked, type Facts, isReached, type Known, type RuleContext } from './context.ts';
import { promoteFacts } from './promote-facts.ts';

const FACTS: { readonly [O in Checked]: (known: Known<O>) => Facts } = {
  capture: captureFacts,
  promote: promoteFacts,
  verify: (known) => ({
    definition: known.request.definition,
    made: true,
    neededRights: isReached(known) ? [] : neededRights(known.request),
  }),
  prune: ({ request, steps }) => ({
    definition: request.definition,
    made: true,
    neededRights: steps.length > 0 ? neededRights(request) : [],
  }),
  restore: (known) => {
    const { vm, restore } = known.inventory;
    return {
      definition: '',
      made: isReached(known),
      neededRights: isReached(known) ? [] : neededRights(known.request, { vm }),
      lacks: { vm: !vm, versions: restore?.versionsSeen === false },
    };
  },
};

/** Draws together what the rules of an operation look at. */
export function contextOf<O extends Checked>(operation: O, seen: Known<O>): RuleContext<O> {
  const { steps, locks } = seen;
  const version = versionOf(seen);
  const known = { ...seen, inventory: withFeatures(seen.inventory, version) };
  const facts = FACTS[operation](known);
  const { neededRights } = facts;
  const { rights, surroundings } = known.inventory;
  return {
    ...known,
    regions: [],
    added: [],
    ...facts,
    version,
    plannedRights: steps.length > 0 ? plannedOf(neededRights, steps) : neededRights,
    ...writesOf(steps),
    lacks: {
      locks: locks === undefined,
      rights: rights.length === 0,
      // Nothing is lacking where no throw-away VM is made.
      ...(surroundings && {
        group: surroundings.group === undefined,
        network: surroundings.network === undefined,
        sizes: surroundings.size === undefined,
        quotas: surroundings.quotas === undefined,
      }),
      ...facts.lacks,
    },
  };
}

const versionOf = ({ request, target, inventory }: Known<Checked>): string | undefined => {
  if (target) return nameOf(target.version);
  return request.operation === 'capture' ? chooseNumber(request, inventory) : undefined;
};

/** What was seen, with the features that the definitions have for this version and the source. */
function withFeatures(inventory: Inventory, version: string | undefined): Inventory {
  const { definition, sourceDefinition, source } = inventory;
  return {
    ...inventory,
    definition: definition && definitionAt(definition, version),
    sourceDefinition: sourceDefinition && definitionAt(sourceDefinition, source?.name),
  };
}
