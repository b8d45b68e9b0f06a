import { fitOf, isOurs, verdictOn } from '../../domain/claim.ts';
import { isMadeToVerify } from '../../domain/latest.ts';
import { describeOwner, SOURCE_TAG, sameMachine } from '../../domain/owner.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { onlySupports } from '../../domain/security-type.ts';
import { LONGEST_TAG_VALUE, tagValue } from '../../domain/tags.ts';
import {
  compareVersions,
  formatVersion,
  highestFirst,
  LARGEST_PART,
  versionNumber,
} from '../../domain/version-number.ts';
import { temporariesOf } from '../../domain/version-order.ts';
import { dayOf, quoted } from '../../domain/words.ts';
import { chooseNumber } from '../choose-number.ts';
import { copyOf } from '../resolve-promote.ts';
import { about, type Rules } from './rule.ts';

const OTHER_SOURCE =
  "Changing property 'galleryImageVersion.properties.storageProfile.source.…' is not allowed.";

/** Rules on the number of a version that is to be made, of whatever. */
export const numberRules: Rules<'capture' | 'promote'> = {
  'version-taken': about('namesake', {
    severity: 'error',
    when: 'a version of that number exists (at a promotion, one that is no copy of the source)',
    azure: { says: OTHER_SOURCE },
    looksAt: ['versions, their source and tags', '`image-version`'],
    remedy:
      'Give another `image-version`, or `auto` for the next free one. A version is never overwritten.',
    check: (there, { inventory: { source } }) => {
      const { name, provisioningState: state, sourceId, tags } = there;
      const isCopy = source && fitOf(copyOf(source), there) === 'fits';
      if (state === 'Failed' || state === 'Deleting' || isCopy) return undefined;
      const isOlder = source && sameId(sourceId, source.id);
      const of =
        source && ` and is no copy of \`${source.id}\`${isOlder ? ', which is newer' : ''}`;
      return `Image version \`${name}\` exists already (${state})${of ?? ''}; it was made by ${describeOwner(tags)}.`;
    },
  }),
  'version-failed': about('namesake', {
    severity: 'error',
    when: 'a failed version of that number is left',
    azure: { says: OTHER_SOURCE },
    looksAt: ['versions', '`image-version`'],
    remedy:
      'Delete the failed version, give another `image-version`, or `auto` for the next free one.',
    check: ({ name, provisioningState, tags }) =>
      provisioningState === 'Failed' &&
      `A failed image version \`${name}\` is left, made by ${describeOwner(tags)}; only the run that made it is allowed to repair it.`,
  }),
  'version-deleting': about('namesake', {
    severity: 'error',
    when: 'a version of that number is being deleted',
    azure: {
      says: 'since it is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)',
    },
    looksAt: ['versions', '`image-version`'],
    remedy: 'Run again when it is gone, usually within minutes, or give another `image-version`.',
    check: ({ name, provisioningState }) =>
      provisioningState === 'Deleting' &&
      `Image version \`${name}\` is being deleted, and its number is not free until that has ended.`,
  }),
  'version-soft-deleted': about('newVersion', {
    severity: 'error',
    when: "the number asked for is in the gallery's recycle bin",
    azure: {
      accepts:
        'Not documented: a request for such a number can bring the deleted version back instead of making one.',
    },
    looksAt: ['gallery `softDeletePolicy`', 'deleted versions', '`image-version`'],
    remedy: 'Give another `image-version`, or `auto`.',
    check: ({ version, inventory }) =>
      version !== undefined &&
      inventory.softDeleted.includes(version) &&
      `Image version \`${version}\` was deleted, but the gallery keeps it in its recycle bin (soft delete), and its number is not free while it is there.`,
  }),
  'version-exhausted': about('newVersion', {
    severity: 'error',
    when: 'the next number would not fit into 32 bits',
    azure: {
      says: 'The image version name is invalid. The image version name should follow Major(int).Minor(int).Patch(int) format',
    },
    looksAt: ['versions', 'deleted versions', '`image-version`'],
    remedy: 'Count up another part (`minor` or `major`), or give a number.',
    check: (_, { request, inventory }) =>
      (request.operation === 'capture' ? inventory.definition : inventory.source) &&
      request.version &&
      chooseNumber({ version: request.version }, inventory) === undefined &&
      `There is no next version number: a part of the highest one is ${LARGEST_PART}, the largest Azure takes.`,
  }),
};

/** Rules on the number and the source of the version that is to be made. */
export const versionRules: Rules<'capture'> = {
  ...numberRules,
  'version-lower': about('newVersion', {
    severity: 'warning',
    when: 'the number asked for is lower than the newest that stays, and the version is to be in `latest`',
    azure: { accepts: 'Azure takes numbers in any order; the highest one is `latest`.' },
    looksAt: ['versions', '`image-version`', '`exclude-from-latest`'],
    remedy:
      'Give a higher number or `auto`. For a fix of an older line set `exclude-from-latest: true`, which says so.',
    check: (_, { request: { version, excludeFromLatest }, inventory: { versions } }) => {
      if (excludeFromLatest || version.choose !== 'exactly') return undefined;
      const [newest] = highestFirst(
        versions.filter((each) => !each.excludeFromLatest && each.provisioningState !== 'Deleting'),
      );
      const number = versionNumber(newest?.name);
      return (
        number &&
        compareVersions(version.number, number) < 0 &&
        `Image version \`${formatVersion(version.number)}\` is lower than \`${newest?.name}\`, so it will not become the latest.`
      );
    },
  }),
  'vm-captured-before': about('vm', {
    severity: 'error',
    when: 'another run has made a version of this generalized VM',
    azure: { accepts: 'Azure makes as many versions of a generalized VM as are asked for.' },
    looksAt: ['VM `OSState`, `timeCreated`', 'versions, their source, date and tags'],
    remedy:
      'Use that version, or build a new VM: a generalized one cannot be changed any more, so another version would hold the same. An ephemeral version that a run left is deleted first.',
    check: (vm, { inventory, target, request }) => {
      if (!vm.generalized || !target) return undefined;
      const other = inventory.versions.find(
        (version) =>
          !isOurs(target.claim, version) &&
          (fitOf(target.claim, version) === 'fits' ||
            (sameId(tagValue(version.tags, SOURCE_TAG), request.vm.slice(0, LONGEST_TAG_VALUE)) &&
              sameMachine(target.owner, version.tags))) &&
          version.provisioningState !== 'Failed',
      );
      return (
        other && {
          message: `\`${vm.name}\` was already captured: version \`${other.name}\` was made of it by ${describeOwner(other.tags)}.`,
          remedy: isMadeToVerify(other)
            ? `That version is ephemeral. If its run is still at work, wait until it has deleted it. Else delete it (\`az sig image-version delete --ids ${other.id}\`), then re-run this job.`
            : `Use \`${other.id}\`, or build a new VM: a generalized one cannot be changed any more, so another version would hold the same.`,
        }
      );
    },
  }),
  'version-contradicted': {
    severity: 'error',
    needs: ['vm'],
    when: "a version carries this run's owner tag, but was made of something else or before the VM was created",
    azure: { accepts: 'Azure stores any tag, also one that was copied from another resource.' },
    looksAt: ['versions, their source, date and tags', 'VM `vmId`, `timeCreated`'],
    remedy:
      'Find out who copied the tag `golden-image-owner` to the version, remove it there, then re-run the failed job.',
    check: ({ inventory, target }) => {
      const found = inventory.versions.find(
        (version) => target && verdictOn(target.claim, version) === 'contradicted',
      );
      return (
        found &&
        `Image version \`${found.name}\` carries this run's tag \`golden-image-owner\`, but Azure shows that it was made of \`${found.sourceId ?? 'something unknown'}\`${found.published ? ` at ${found.published.toISOString()}` : ''}.`
      );
    },
  },
  'temporaries-stay': about('vm', {
    severity: 'warning',
    when: 'the run will not see the end of the replication, and makes something only to capture from',
    azure: { accepts: 'Azure keeps, and bills, what nobody deletes.' },
    looksAt: ['definition feature `SecurityType`', '`capture-from`', '`wait-for`'],
    remedy:
      'Start a run once every region is complete, which deletes them, or use `wait-for: replicated`.',
    check: (_, { request, target }) =>
      target?.source &&
      request.waitFor !== 'replicated' &&
      target.source.from !== 'vm' &&
      `With \`wait-for: ${request.waitFor}\` this run does not see the end of the replication, so it cannot delete ${quoted(temporariesOf(target.source).map(nameOf))}.`,
  }),
  'disks-unsure': about('vm', {
    severity: 'notice',
    when: 'disks are to be the source for a definition that only supports a security type',
    azure: { accepts: 'Sources disagree; if Azure refuses, it does so within seconds.' },
    looksAt: ['definition feature `SecurityType`', '`capture-from`'],
    remedy: 'For Trusted Launch VMs, use a definition with `SecurityType=TrustedLaunch`.',
    check: (_, { inventory, target }) =>
      target?.source?.from === 'disks' &&
      inventory.definition &&
      onlySupports(inventory.definition.securityType) &&
      `Sources disagree whether Azure takes disks for a definition of security type \`${inventory.definition.securityType}\`; if not, it says so within seconds of the request.`,
  }),
};

/** Rules on ends of life. */
export const lifetimeRules: Rules = {
  'version-end-of-life': {
    severity: 'error',
    when: 'the end of life that the version is to have has passed',
    azure: { says: 'EndOfLifeDate must be set to a future date.' },
    looksAt: ['`end-of-life`, else that of the source of a copy', 'the time'],
    remedy:
      'Give an `end-of-life` in the future, or a time from now such as `90d`; a copy to which none is given has that of its source.',
    check: ({ endOfLife, inventory }) =>
      endOfLife &&
      endOfLife <= inventory.now &&
      `The end of life ${endOfLife.toISOString()} has passed.`,
  },
  'definition-end-of-life': about('newVersion', {
    severity: 'warning',
    when: 'the end of life of the definition has passed',
    azure: { accepts: 'An end of life is information; Azure makes versions after it as before.' },
    looksAt: ['definition `endOfLifeDate`', 'the time'],
    remedy: 'Use its successor, or set a later end of life on the definition.',
    check: ({ inventory: { definition, now } }) =>
      definition?.endOfLife &&
      definition.endOfLife <= now &&
      `The image definition \`${nameOf(definition.id)}\` reached its end of life on ${dayOf(definition.endOfLife)}.`,
  }),
  'version-outlives-definition': {
    severity: 'warning',
    needs: ['definition'],
    when: '`end-of-life` is later than that of the definition',
    azure: { accepts: 'An end of life is information; Azure does not compare the two.' },
    looksAt: ['definition `endOfLifeDate`', '`end-of-life`'],
    remedy: 'Give an earlier `end-of-life`, or set a later one on the definition.',
    check: ({ endOfLife, inventory: { definition } }) =>
      endOfLife &&
      definition?.endOfLife &&
      endOfLife > definition.endOfLife &&
      `The version would live until ${dayOf(endOfLife)}, longer than its image definition, whose end of life is ${dayOf(definition.endOfLife)}.`,
  },
};
