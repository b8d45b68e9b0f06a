import { allRegions, type ImageVersion } from '../../domain/observed.ts';
import { isOurs } from '../../domain/owner.ts';
import { isAmong, type TargetRegion, withReplicas } from '../../domain/regions.ts';
import { sameId } from '../../domain/resource-id.ts';
import { isConfidential } from '../../domain/security-type.ts';
import { neededRights } from '../needed-rights.ts';
import { copiedRegions, isNumberExhausted } from '../resolve-promote.ts';
import { type Facts, isReached, type Known } from './context.ts';

export function promoteFacts(known: Known<'promote'>): Facts {
  const { request, target, inventory } = known;
  const there = versionThere(known);
  // One that a repair removed comes back as Azure has had it, and is nothing to be judged anew.
  const had = there ? allRegions(there) : [];
  const regions = target?.regions ?? askedRegions(known);
  const added = regions.filter(({ name }) => !isAmong(name, had));
  const isAnother = request.destination && target && there && !isOurs(target.claim, there);
  const endOfSource = request.destination ? inventory.source?.endOfLife : undefined;
  const endOfLife = target ? target.endOfLife : (request.endOfLife ?? endOfSource);
  const excludeFromLatest = target ? target.goal.excludeFromLatest : request.excludeFromLatest;
  return {
    definition: request.destination ?? request.source.definition,
    made:
      request.destination === undefined ||
      (there !== undefined && there.provisioningState !== 'Failed'),
    neededRights: isReached(known) ? [] : neededRights(request, { regions }),
    lacks: lacksOf(known, added),
    numberExhausted: isNumberExhausted(request, inventory),
    confidential:
      target && added.length > 0 && isConfidential(inventory.definition?.securityType ?? '')
        ? { what: 'The image definition is for confidential VMs', home: target.location }
        : undefined,
    namesake: isAnother ? there : undefined,
    regions,
    added,
    entersLatest: excludeFromLatest === false && (there?.excludeFromLatest ?? true),
    storageAccountType: target?.order?.storageAccountType ?? there?.storageAccountType,
    endOfLife: endOfLife?.getTime() === there?.endOfLife?.getTime() ? undefined : endOfLife,
  };
}

/** The version that is to be changed, or the copy when there is one. */
function versionThere({ request, inventory, target }: Known<'promote'>): ImageVersion | undefined {
  if (!request.destination) return inventory.source;
  return inventory.versions.find(({ id }) => sameId(id, target?.version));
}

/** What can be told of the regions when the rest cannot be resolved. */
const askedRegions = ({ request, inventory: { source } }: Known<'promote'>): TargetRegion[] =>
  request.destination && source
    ? copiedRegions(request, source)
    : withReplicas(request.regions, request.replicas);

/** What Azure did not show of what the rules look at. */
function lacksOf({ request, inventory }: Known<'promote'>, added: readonly TargetRegion[]) {
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
