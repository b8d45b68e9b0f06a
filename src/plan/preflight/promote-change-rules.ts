import { MOST_REPLICAS, sameRegion } from '../../domain/regions.ts';
import { MOST_TAGS } from '../../domain/tags.ts';
import { number } from './capture-facts.ts';
import type { PromoteFacts, PromoteRule } from './promote-facts.ts';
import type { Found } from './rule.ts';

/** Rules on what becomes of a version: its regions, its replicas, its tags (azure.md §1). */
export const promoteChangeRules: readonly PromoteRule[] = [
  {
    id: 'source-shallow',
    severity: 'error',
    when: 'a shallow version is to be copied, or to get regions',
    azure: { refuses: 'A shallow version cannot leave its source (packer-plugin-azure#383).' },
    looksAt: ['source version `replicationMode`', '`target-regions`'],
    remedy: 'Capture the image again with `replication-mode: Full`.',
    check: ({ request, survey: { source } }) =>
      source.replicationMode === 'Shallow' && (request.destination || request.regions.length > 0)
        ? {
            message: `Image version ${source.name} is shallow: it never left its source, so it can neither be copied nor get more regions.`,
          }
        : undefined,
  },
  {
    id: 'region-removal',
    severity: 'error',
    when: '`region-changes: replace` would remove regions, and that is not allowed',
    azure: { says: 'Deletion of previously replicated locations is not allowed' },
    looksAt: ['version `targetRegions`', '`target-regions`', '`allow-region-removal`'],
    remedy:
      'Say `allow-region-removal: true` if that is meant, list these regions too, or use `region-changes: add`.',
    check: ({ request, target }) =>
      (target?.goal.remove ?? []).length > 0 && !request.allowRegionRemoval
        ? {
            message: `\`region-changes: replace\` would remove ${target?.goal.remove.join(', ')}, and with it every replica there: scale sets in it can no longer create VMs of this version.`,
          }
        : undefined,
  },
  {
    id: 'region-home',
    severity: 'error',
    when: 'the home region of the version would be removed',
    azure: { says: 'must contain the location of image version' },
    looksAt: ['version `location`', '`target-regions`'],
    remedy: 'Add the home region to `target-regions`.',
    check: ({ target }) =>
      target?.goal.remove.some((name) => sameRegion(name, target.location))
        ? {
            message: `${target.location} is the version's home region, which Azure never lets go.`,
            remedy: `Add ${target.location} to \`target-regions\`.`,
          }
        : undefined,
  },
  {
    id: 'region-storage-fixed',
    severity: 'error',
    when: 'a region is there already with another storage type than the one asked for',
    azure: {
      says: 'Global storage account type does not match the storage account type in the existing TargetRegion',
    },
    looksAt: ['version `targetRegions[].storageAccountType`', '`target-regions`'],
    remedy: 'Leave the storage type of these regions out, or make a new version.',
    check: inPlace(({ request, survey: { source } }) => {
      const changed = request.regions.filter(({ name, storageAccountType }) => {
        const there = source.regions.find((region) => sameRegion(region.name, name));
        return (
          there?.storageAccountType !== undefined &&
          storageAccountType !== undefined &&
          there.storageAccountType !== storageAccountType
        );
      });
      return changed.length > 0
        ? {
            message: `The storage type of a region can never be changed, and ${names(changed)} ${number(changed.length, 'has', 'have')} another one already.`,
          }
        : undefined;
    }),
  },
  {
    id: 'version-storage-fixed',
    severity: 'error',
    when: '`storage-account-type` is asked for although no region is added',
    azure: { refuses: 'The storage type of a version can never be changed (azure.md §1).' },
    looksAt: ['version `targetRegions`', '`storage-account-type`', '`target-regions`'],
    remedy: 'Remove `storage-account-type`, or make a new version.',
    check: inPlace(({ request, survey: { source } }) =>
      request.storageAccountType &&
      request.regions.every(({ name }) =>
        source.regions.some((there) => sameRegion(there.name, name)),
      )
        ? {
            message:
              'The storage type of a version can never be changed; `storage-account-type` only concerns regions that are added, and none is.',
          }
        : undefined,
    ),
  },
  {
    id: 'region-encryption-fixed',
    severity: 'error',
    when: '`encryption` is asked for in a region that is there already',
    azure: {
      refuses: 'The encryption of a region can only be given when it is added (azure.md §1).',
    },
    looksAt: ['version `targetRegions`', '`target-regions`'],
    remedy: 'Leave `encryption` of these regions out, or make a new version.',
    check: inPlace(({ request, survey: { source } }) => {
      const changed = request.regions.filter(
        ({ name, encryption }) =>
          encryption && source.regions.some((there) => sameRegion(there.name, name)),
      );
      return changed.length > 0
        ? {
            message: `The encryption of a region can never be changed, and ${names(changed)} ${number(changed.length, 'is', 'are')} there already.`,
          }
        : undefined;
    }),
  },
  {
    id: 'replicas-total',
    severity: 'error',
    when: `the regions would have more than ${MOST_REPLICAS} replicas together`,
    azure: {
      refuses: `The limit is ${MOST_REPLICAS} replicas a version (azure-compute-gallery.md).`,
    },
    looksAt: ['version `targetRegions`', '`target-regions`', '`replica-count`'],
    remedy: 'Lower `replica-count`, or the numbers in `target-regions`.',
    check: ({ target }) => {
      const total = (target?.regions ?? []).reduce((sum, { replicas }) => sum + replicas, 0);
      return total > MOST_REPLICAS
        ? {
            message: `The regions would have ${total} replicas together; Azure allows ${MOST_REPLICAS} for a version.`,
          }
        : undefined;
    },
  },
  {
    id: 'block-without-end',
    severity: 'error',
    when: '`block-deletion-before-end-of-life` is asked of a version without an end of life',
    azure: { accepts: 'Azure would have nothing to block it until.' },
    looksAt: ['version `endOfLifeDate`', '`block-deletion-before-end-of-life`', '`end-of-life`'],
    remedy: 'Give `end-of-life`.',
    check: ({ target }) =>
      target?.goal.blockDeletionBeforeEndOfLife && !target.endOfLife
        ? {
            message:
              '`block-deletion-before-end-of-life` is true, but the version has no end of life to block it until.',
          }
        : undefined,
  },
  {
    id: 'tags-full',
    severity: 'error',
    when: `the version would have more than ${MOST_TAGS} tags`,
    azure: {
      refuses: `The limit is ${MOST_TAGS} tags a resource ("Use tags to organize your Azure resources").`,
    },
    looksAt: ['version tags', '`tags`'],
    remedy: 'Give fewer `tags`, or remove some from the source version.',
    check: ({ target, survey: { source } }) => {
      const all = Object.keys(
        target?.order ? target.tags : { ...source.tags, ...target?.goal.tags },
      );
      const count = new Set(all.map((name) => name.toLowerCase())).size;
      return count > MOST_TAGS
        ? { message: `The version would have ${count} tags; Azure allows ${MOST_TAGS}.` }
        : undefined;
    },
  },
];

/** A check that only arises where the version is changed in its own place. */
function inPlace(check: (facts: PromoteFacts) => Found | undefined): PromoteRule['check'] {
  return (facts) => (facts.request.destination ? undefined : check(facts));
}

const names = (regions: readonly { readonly name: string }[]): string =>
  regions.map(({ name }) => name).join(', ');
