import { definitionAt } from '../../domain/features.ts';
import { allRegions, type ImageVersion, type Inventory } from '../../domain/observed.ts';
import { isOurs } from '../../domain/ownership.ts';
import { isAmong, type TargetRegion, withReplicas } from '../../domain/regions.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { promoteNeeds } from '../needed-rights.ts';
import { copiedRegions, isNumberExhausted } from '../resolve-promote.ts';
import { contextOf, type Known, type RuleContext } from './context.ts';

type Resolved = Pick<Known<'promote'>, 'request' | 'inventory' | 'target'>;

/** Draws together what the rules of a promotion look at. */
export function promoteContext(seen: Known<'promote'>): RuleContext<'promote'> {
  const known = { ...seen, inventory: forVersions(seen) };
  const { request, target, steps } = known;
  const there = versionThere(known);
  // One that a repair took away comes back as Azure has had it, and is nothing to be judged anew.
  const had = there ? allRegions(there) : [];
  const regions = target?.regions ?? askedRegions(known);
  const added = regions.filter(({ name }) => !isAmong(name, had));
  const isAnother = request.destination && target && there && !isOurs(target.claim, there);
  const storageAccountType = target?.order?.storageAccountType ?? there?.storageAccountType;
  const endOfSource = request.destination ? known.inventory.source?.endOfLife : undefined;
  const endOfLife = target ? target.endOfLife : (request.endOfLife ?? endOfSource);
  const excludeFromLatest = target ? target.goal.excludeFromLatest : request.excludeFromLatest;
  const needs = target && steps.length === 0 ? [] : promoteNeeds(request, regions);
  return {
    ...contextOf<'promote'>(known, needs, lacksOf(known, added)),
    definition: request.destination ?? request.source.definition,
    ...(target && { version: nameOf(target.version) }),
    numberExhausted: isNumberExhausted(request, known.inventory),
    ...(isConfidential(known.inventory.definition?.securityType ?? '') &&
      target &&
      added.length > 0 && {
        confidential: {
          what: 'The image definition is for confidential VMs',
          home: target.location,
        },
      }),
    ...(isAnother && { namesake: there }),
    made:
      request.destination === undefined ||
      (there !== undefined && there.provisioningState !== 'Failed'),
    regions,
    added,
    entersLatest: excludeFromLatest === false && (there?.excludeFromLatest ?? true),
    ...(storageAccountType && { storageAccountType }),
    ...(endOfLife && endOfLife.getTime() !== there?.endOfLife?.getTime() && { endOfLife }),
  };
}

/** What was seen, with the features that the definitions have for the source and the version. */
function forVersions({ inventory, target }: Resolved): Inventory {
  const { definition, sourceDefinition, source } = inventory;
  const version = target && nameOf(target.version);
  return {
    ...inventory,
    definition: definition && definitionAt(definition, version),
    sourceDefinition: sourceDefinition && definitionAt(sourceDefinition, source?.name),
  };
}

/** The version that is to be changed, or the copy when there is one. */
function versionThere({ request, inventory, target }: Resolved): ImageVersion | undefined {
  if (!request.destination) return inventory.source;
  return inventory.versions.find(({ id }) => sameId(id, target?.version));
}

/** What can be told of the regions when the rest cannot be resolved. */
const askedRegions = ({ request, inventory: { source } }: Resolved): TargetRegion[] =>
  request.destination && source
    ? copiedRegions(request, source)
    : withReplicas(request.regions, request.replicas);

/** What Azure did not show of what the rules look at. */
function lacksOf({ request, inventory }: Resolved, added: readonly TargetRegion[]) {
  const source = inventory.source === undefined;
  // A change in place that the definition has a say in; of a copy other rules tell.
  const asksDefinition =
    !request.destination && (request.endOfLife !== undefined || added.length > 0);
  return {
    source,
    definition: !source && !inventory.definition && asksDefinition,
    // Regions are only asked for where some are added.
    regions: inventory.regions === undefined && added.length > 0,
  };
}
