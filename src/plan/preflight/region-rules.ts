import { suggestion } from '../../domain/closest.ts';
import { isAmong, MOST_REPLICAS, regionOf, sameRegion } from '../../domain/regions.ts';
import { mangledIn } from '../../domain/removed-regions.ts';
import { sameId } from '../../domain/resource-id.ts';
import { names, number } from '../../domain/words.ts';
import { about, type Rules } from './rule.ts';

/** Azure's advice for production: replicas of a region (azure-compute-gallery.md). */
const ADVISED_REPLICAS = 3;

/** Rules on the regions that the version is to be in, and on what it is replicated to there. */
export const regionRules: Rules = {
  'region-unknown': {
    severity: 'error',
    needs: ['regions'],
    when: 'a target region does not exist, or is not open to the subscription of the gallery',
    azure: {
      says: "The provided location '…' is not available for resource type 'Microsoft.Compute/galleries'.",
    },
    looksAt: ['`target-regions`', 'regions of the resource provider for galleries'],
    remedy:
      'Check the name with `az account list-locations`. For a region with restricted access, ask Azure support.',
    check: ({ added, inventory: { regions: known = [] } }) => {
      const odd = added.filter(({ name }) => !isAmong(name, known));
      const all = known.map(({ name }) => name);
      return (
        odd.length > 0 &&
        `${names(odd)} ${number(odd.length, 'was', 'were')} not found as a region, or the subscription of the gallery is not allowed to use it.${odd.map(({ name }) => suggestion(name, all)).join('')}${odd.some(({ name }) => areSeveral(name, all)) ? ' Commas or lines separate regions.' : ''}`
      );
    },
  },
  'region-memory': {
    severity: 'warning',
    when: 'the tags that record a removed region of the version no longer hold all its settings',
    azure: { accepts: 'Azure takes any tag, and its own defaults for what is not given.' },
    looksAt: ['version `tags`, `targetRegions`'],
    remedy:
      'Give the settings that the region is to have in `target-regions`, or correct them afterwards.',
    check: ({ target, inventory: { versions, source } }) => {
      const version = [...versions, source].find((each) => sameId(each?.id, target?.version));
      const mangled = mangledIn(version?.tags ?? {});
      const gone = target?.operation === 'promote' ? target.goal.remove : [];
      const back = version?.removed.filter(({ name }) => !gone.includes(name)) ?? [];
      const odd = back.filter(({ name }) => mangled.includes(name));
      return (
        odd.length > 0 &&
        `${names(odd)}: a repair removed the region from version \`${version?.name}\`, and somebody has changed the tag \`golden-image-removed-…\` with its settings. It is added again with Azure's defaults for what neither the tag nor \`target-regions\` gives.`
      );
    },
  },
  'region-twice': {
    severity: 'error',
    when: 'a target region is named twice',
    azure: { says: 'Duplicate regions are not allowed in target publishing regions' },
    looksAt: ['`target-regions`'],
    remedy: 'Name each region once in `target-regions`, whatever the spelling.',
    check: ({ regions }) => {
      const twice = regions.filter(
        ({ name }, index) => regions.findIndex((one) => sameRegion(one.name, name)) !== index,
      );
      return twice.length > 0 && `${names(twice)}: named more than once.`;
    },
  },
  'region-zone-redundancy': {
    severity: 'error',
    needs: ['regions'],
    when: '`Standard_ZRS` is asked for in a region without availability zones',
    azure: { says: 'ZRS storage account type is not supported in this region.' },
    looksAt: [
      '`storage-account-type`',
      '`target-regions`',
      'regions of the resource provider, with their zones',
    ],
    remedy:
      'Remove `storage-account-type`: Azure then uses `Standard_ZRS` only where the region supports it. Or give that region `Standard_LRS` in `target-regions`.',
    check: ({ added, storageAccountType: usual, inventory: { regions: known = [] } }) => {
      const odd = added.filter(
        ({ name, storageAccountType = usual }) =>
          storageAccountType === 'Standard_ZRS' && regionOf(known, name)?.zones === false,
      );
      return (
        odd.length > 0 &&
        `${names(odd)}: the region has no availability zones, so it cannot store \`Standard_ZRS\`.`
      );
    },
  },
  'replicas-total': {
    severity: 'error',
    when: `the regions are to have more than ${MOST_REPLICAS} replicas in total`,
    azure: {
      refuses: `The limit is ${MOST_REPLICAS} replicas a version (azure-compute-gallery.md).`,
    },
    looksAt: ['`target-regions`', '`replica-count`'],
    remedy: 'Lower `replica-count`, or the numbers in `target-regions`.',
    check: ({ regions }) => {
      const total = regions.reduce((sum, { replicas }) => sum + replicas, 0);
      return total <= MOST_REPLICAS
        ? undefined
        : `The regions would have ${total} replicas in total; Azure allows ${MOST_REPLICAS} for a version.`;
    },
  },
  'replicas-for-latest': {
    severity: 'notice',
    when: `a region of a version that enters \`latest\` has fewer than ${ADVISED_REPLICAS} replicas`,
    azure: { accepts: 'Azure throttles when many VMs are created at once from few replicas.' },
    looksAt: ['`target-regions`', '`replica-count`', '`exclude-from-latest`'],
    remedy:
      'For production, Azure advises three replicas or more, and one for every 50 VMs created at once: `replica-count: 3`, or `=3` after a region in `target-regions`.',
    check: ({ entersLatest, regions }) => {
      const few = regions.filter(
        (region) => region.replicas < ADVISED_REPLICAS && !region.excludeFromLatest,
      );
      return (
        entersLatest &&
        few.length > 0 &&
        `${names(few)} ${number(few.length, 'has', 'have')} fewer than three replicas. Azure throttles when many VMs are created at once from one replica.`
      );
    },
  },
};

/** Rules on a shallow version, which copies nothing. */
export const shallowRules: Rules<'capture'> = {
  'shallow-regions': about('newVersion', {
    severity: 'error',
    when: 'a shallow version is to have another region than the VM’s, or more than one replica',
    azure: {
      refuses:
        'Shallow takes one region only, that of the source (hashicorp/packer-plugin-azure#383).',
    },
    looksAt: ['`replication-mode`', '`target-regions`', '`replica-count`', 'VM `location`'],
    remedy: 'Leave `target-regions` and `replica-count` out, or use `replication-mode: Full`.',
    check: (_, { request, regions }) =>
      request.replicationMode === 'Shallow' &&
      (regions.length > 1 || regions.some(({ replicas }) => replicas > 1)) &&
      `A shallow version cannot leave its source: it has one replica, in the region of the VM, and no other.`,
  }),
  'shallow-source': about('vm', {
    severity: 'error',
    when: 'a shallow version would be made of something temporary',
    azure: { accepts: 'Azure makes it, and it breaks when its source is deleted.' },
    looksAt: ['`replication-mode`', '`capture-from`', 'definition feature `SecurityType`'],
    remedy:
      'Use `replication-mode: Full`, or a definition that takes the VM itself with `capture-from: vm`.',
    check: (_, { request, target }) =>
      request.replicationMode === 'Shallow' &&
      !request.ephemeral &&
      target?.source &&
      target.source.from !== 'vm' &&
      'A shallow version copies nothing, so what it is made of must never be deleted; this one would be made of something temporary.',
  }),
};

/** Whether a name is those of several regions, as display names with a space between them read. */
const areSeveral = (name: string, all: readonly string[]): boolean =>
  all.some((one) => {
    const rest = name.startsWith(one) ? name.slice(one.length) : '';
    return rest !== '' && (all.includes(rest) || areSeveral(rest, all));
  });
