import { lunsOf, sameEncryption } from '../../domain/encryption.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import type { LatestChange } from '../../domain/latest.ts';
import { isAmong, type RegionChoice, regionOf, type TargetRegion } from '../../domain/regions.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { MOST_TAGS } from '../../domain/tags.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { names, number, quoted } from '../../domain/words.ts';
import { forecastLatest } from '../promote.ts';
import { hasWaited } from '../replicated.ts';
import { isAnothers } from '../resolve-promote.ts';
import type { RuleContext } from './context.ts';
import { about, type Rules } from './rule.ts';

/** Rules on what becomes of a version: its regions, its replicas, its tags. */
export const promoteChangeRules: Rules<'promote'> = {
  'region-removal': about('source', {
    severity: 'error',
    when: '`region-changes: replace` would remove regions, and that is not allowed',
    azure: { says: 'Deletion of previously replicated locations is not allowed' },
    looksAt: ['version `targetRegions`', '`target-regions`', '`allow-region-removal`'],
    remedy:
      'Set `allow-region-removal: true` if that is intended, list these regions too, or use `region-changes: add`.',
    check: (_, { request, target }) => {
      const gone = target?.goal.remove ?? [];
      return (
        gone.length > 0 &&
        !request.allowRegionRemoval &&
        `\`region-changes: replace\` would remove ${quoted(gone)}, and with it every replica there: scale sets in it can no longer create VMs of this version.`
      );
    },
  }),
  'region-home': about('source', {
    severity: 'error',
    when: 'the home region of the version would be removed',
    azure: { says: 'must contain the location of image version' },
    looksAt: ['version `location`', '`target-regions`'],
    remedy: 'Add the home region to `target-regions`.',
    check: (_, { target }) =>
      target?.goal.remove.includes(target.location)
        ? {
            message: `\`${target.location}\` is the home region of the version, which cannot be removed.`,
            remedy: `Add \`${target.location}\` to \`target-regions\`.`,
          }
        : undefined,
  }),
  'region-storage-fixed': about('sourceInPlace', {
    severity: 'error',
    when: 'a region is there already with another storage type than the one asked for',
    azure: { refuses: 'The storage type of a region can never be changed.' },
    looksAt: [
      'version `targetRegions[].storageAccountType`',
      '`target-regions`',
      '`storage-account-type`',
    ],
    remedy: 'Leave the storage type of these regions out, or make a new version.',
    check: (source, { request }) => {
      const changed = differing(
        request,
        source,
        ({ storageAccountType: asked = request.storageAccountType }, { storageAccountType: has }) =>
          asked !== undefined && has !== undefined && asked !== has,
      );
      return (
        changed.length > 0 &&
        `The storage type of a region can never be changed, and ${names(changed)} ${number(changed.length, 'has', 'have')} another one already.`
      );
    },
  }),
  'version-storage-fixed': about('sourceInPlace', {
    severity: 'error',
    when: '`storage-account-type` is given without regions, and the version has another one',
    azure: { says: "Changing property '…publishingProfile.storageAccountType' is not allowed." },
    looksAt: ['version `storageAccountType`, `targetRegions`', '`storage-account-type`'],
    remedy: 'Remove `storage-account-type`, or make a new version.',
    check: (source, { request }) => {
      const { storageAccountType: asked, regions } = request;
      const has = source.storageAccountType;
      const differs = source.regions.some(
        ({ storageAccountType = has }) => storageAccountType !== asked,
      );
      return (
        asked &&
        regions.length === 0 &&
        differs &&
        'The storage type of a version can never be changed; `storage-account-type` only concerns regions that are added, and none is.'
      );
    },
  }),
  'region-encryption-fixed': about('sourceInPlace', {
    severity: 'error',
    when: 'a region is there already with another encryption than the one asked for',
    azure: {
      refuses: 'The encryption of a region can only be given when it is added.',
    },
    looksAt: ['version `targetRegions`', '`target-regions`'],
    remedy: 'Leave `encryption` of these regions out, or make a new version.',
    check: (source, { request }) => {
      const changed = differing(
        request,
        source,
        ({ encryption: asked }, { encryption: has }) =>
          asked !== undefined && !sameEncryption(asked, has),
      );
      return (
        changed.length > 0 &&
        `The encryption of a region can never be changed, and ${names(changed)} ${number(changed.length, 'is', 'are')} there already with another.`
      );
    },
  }),
  'region-lun': about('source', {
    severity: 'warning',
    when: '`target-regions` has encryption for a LUN at which the source has no data disk',
    azure: {
      accepts:
        'Azure refuses this where the source is a VM, and accepts it where the source is snapshots. Of a version it is not known.',
    },
    looksAt: ['source version `dataDiskImages`', '`target-regions`'],
    remedy: 'Give encryption for the LUNs that the source has.',
    check: ({ name, dataDisks }, { added }) => {
      const luns = new Set(added.flatMap(({ encryption }) => lunsOf(encryption)));
      const unknown = [...luns].filter((lun) => dataDisks && !dataDisks.includes(lun));
      return (
        unknown.length > 0 &&
        `\`target-regions\` has encryption for LUN ${unknown.join(', ')}, but image version \`${name}\` has no such data disk.`
      );
    },
  }),
  'block-without-end': about('source', {
    severity: 'error',
    when: '`block-deletion-before-end-of-life` is set for a version without an end of life',
    azure: {
      accepts: 'Without an end of life, Azure has no date until which it blocks the deletion.',
    },
    looksAt: ['version `endOfLifeDate`', '`block-deletion-before-end-of-life`', '`end-of-life`'],
    remedy: 'Give `end-of-life`.',
    check: (_, { target }) =>
      target?.goal.blockDeletionBeforeEndOfLife &&
      !target.endOfLife &&
      '`block-deletion-before-end-of-life` is true, but the version has no end of life.',
  }),
  'tags-full': about('source', {
    severity: 'error',
    when: `the version would have more than ${MOST_TAGS} tags`,
    azure: {
      refuses: `The limit is ${MOST_TAGS} tags a resource ("Use tags to organize your Azure resources").`,
    },
    looksAt: ['version tags', '`tags`'],
    remedy: 'Give fewer `tags`, or remove some from the source version.',
    check: (source, { target }) => {
      const all = Object.keys(
        target?.order ? target.tags : { ...source.tags, ...target?.goal.tags },
      );
      const count = new Set(all.map((name) => name.toLowerCase())).size;
      return (
        count > MOST_TAGS && `The version would have ${count} tags; Azure allows ${MOST_TAGS}.`
      );
    },
  }),
};

/** Regions that the version has already, and that are otherwise than they are asked for. */
const differing = (
  { regions }: PromoteRequest,
  source: ImageVersion,
  differs: (asked: RegionChoice, there: TargetRegion) => boolean,
): TargetRegion[] =>
  regions.flatMap((asked) => {
    const there = regionOf(source.regions, asked.name);
    return there && differs(asked, there) ? [there] : [];
  });

/** Rules on what `latest` comes to mean, and on what a promotion does last. */
export const promoteLatestRules: Rules<'promote'> = {
  'latest-none': about('source', {
    severity: 'error',
    when: 'nothing would be `latest` any more in some region, and that is not allowed',
    azure: { accepts: 'Azure takes it; deployments that ask for `latest` then fail there.' },
    looksAt: ['versions `excludeFromLatest`, `targetRegions`', '`allow-no-latest`'],
    remedy: 'Put another version into `latest` first, or set `allow-no-latest: true`.',
    check: (_, context) => {
      const { before, after } = forecastOf(context);
      const losing = Object.keys(after).filter((name) => before[name] && !after[name]);
      return (
        losing.length > 0 &&
        !context.request.allowNoLatest &&
        `Without this version nothing would be \`latest\` in ${quoted(losing)}: deployments that ask for it would fail there.`
      );
    },
  }),
  'latest-lower': about('source', {
    severity: 'warning',
    when: 'the version enters `latest`, but a higher one is there and stays the latest',
    azure: { accepts: 'The highest number that is not excluded is `latest`.' },
    looksAt: ['versions `excludeFromLatest`, `targetRegions`', '`exclude-from-latest`'],
    remedy:
      'To go back to this version, take the higher ones out: `exclude-from-latest: true` on each.',
    check: (_, context) => {
      const { entersLatest, target } = context;
      if (!target || !entersLatest) return undefined;
      const { after } = forecastOf(context);
      const name = nameOf(target.version);
      const higher = target.regions
        .filter((region) => !region.excludeFromLatest)
        .flatMap((region) => {
          const latest = after[region.name];
          return latest && latest !== name ? [`\`${latest}\` in \`${region.name}\``] : [];
        });
      return (
        higher.length > 0 &&
        `Image version \`${name}\` enters \`latest\`, but deployments still get a higher one: ${higher.join(', ')}.`
      );
    },
  }),
  'latest-region-excluded': about('source', {
    severity: 'notice',
    when: 'the version enters `latest`, but not in regions that are excluded by themselves',
    azure: { accepts: 'A region’s own exclusion takes precedence over the version’s.' },
    looksAt: ['version `targetRegions[].excludeFromLatest`', '`exclude-from-latest`'],
    remedy: 'List these regions in `target-regions` to put the version into `latest` there too.',
    check: (_, { target }) => {
      const stays = (target?.regions ?? []).filter(({ excludeFromLatest }) => excludeFromLatest);
      return (
        target?.goal.excludeFromLatest === false &&
        stays.length > 0 &&
        `In ${names(stays)} the version stays out of \`latest\`: a region's own exclusion takes precedence over the version's.`
      );
    },
  }),
  'last-waits': about('source', {
    severity: 'warning',
    when: 'what comes last is asked for, and the run does not wait for every region',
    azure: { accepts: 'Azure would do it before every region has the version.' },
    looksAt: [
      'version `replicationStatus`',
      '`exclude-from-latest`',
      '`region-changes`',
      '`wait-for`',
    ],
    remedy: 'Use `wait-for: replicated`, or run the job again once every region is complete.',
    check: (source, { request, target }) => {
      if (!target || request.waitFor === 'replicated') return undefined;
      const last = lastOf(target, source);
      return (
        last.length > 0 &&
        `This comes last, once every region is complete: ${last.join(', ')}. With \`wait-for: ${request.waitFor}\` it is not done, unless every region is complete already.`
      );
    },
  }),
};

/** What of a promotion waits until every region is complete; nothing where that is known to be so. */
function lastOf({ order, goal, location }: PromoteTarget, source: ImageVersion): string[] {
  const adds = goal.regions.some(({ name }) => !isAmong(name, source.regions));
  if (!order && !adds && hasWaited('replicated', location, source)) return [];
  return [
    ...(goal.excludeFromLatest === false ? ['entering `latest`'] : []),
    ...(goal.remove.length > 0 ? [`removing ${goal.remove.join(', ')}`] : []),
    ...(goal.blockDeletionBeforeEndOfLife === undefined ? [] : ['the block of the deletion']),
  ];
}

/** What becomes of `latest`; nothing where the promotion has no version to change or make. */
function forecastOf({ target, inventory: { versions } }: RuleContext<'promote'>): LatestChange {
  const there = versions.find(({ id }) => sameId(id, target?.version));
  return target && !isAnothers(target, there)
    ? forecastLatest(target, versions)
    : { before: {}, after: {} };
}
