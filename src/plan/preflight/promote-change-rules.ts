import { lunsOf, sameEncryption } from '../../domain/encryption.ts';
import type { ImageVersion } from '../../domain/gallery.ts';
import { type RegionChoice, regionOf, type TargetRegion } from '../../domain/regions.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { MOST_TAGS } from '../../domain/tags.ts';
import { names, number, quoted } from '../../domain/words.ts';
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
