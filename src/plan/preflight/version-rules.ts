import { quoted } from '../../domain/failure.ts';
import {
  compareVersions,
  formatVersion,
  highestFirst,
  versionNumber,
} from '../../domain/image-version.ts';
import { isMadeToVerify } from '../../domain/latest.ts';
import {
  describeOwner,
  fitOf,
  isOurs,
  SOURCE_TAG,
  sameMachine,
  verdictOn,
} from '../../domain/owner.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { onlySupports } from '../../domain/security-type.ts';
import { LONGEST_TAG_VALUE, tagValue } from '../../domain/tags.ts';
import { temporariesOf } from '../../domain/version-order.ts';
import { numberRules } from './number-rules.ts';
import { about, type Rule } from './rule.ts';

/** Rules on the number, the lifetime and the source of the version that is to be made. */
export const versionRules: readonly Rule<'capture'>[] = [
  ...numberRules,
  about('newVersion', {
    id: 'version-lower',
    severity: 'warning',
    when: 'the number asked for is lower than the newest, and the version is to be in `latest`',
    azure: { accepts: 'Azure takes numbers in any order; the highest one is `latest`.' },
    looksAt: ['versions', '`image-version`', '`exclude-from-latest`'],
    remedy:
      'Give a higher number or `auto`. For a fix of an older line set `exclude-from-latest: true`, which says so.',
    check: (_, context) => {
      const { request, inventory } = context;
      const [newest] = highestFirst(
        inventory.versions.filter(({ excludeFromLatest: out }) => !out),
      );
      const number = versionNumber(newest?.name);
      if (request.excludeFromLatest || request.version.choose !== 'exactly') return undefined;
      return (
        number &&
        compareVersions(request.version.number, number) < 0 &&
        `Image version \`${formatVersion(request.version.number)}\` is lower than \`${newest?.name}\`, so it will not become the latest.`
      );
    },
  }),
  about('vm', {
    id: 'vm-captured-before',
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
  {
    id: 'version-contradicted',
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
  about('vm', {
    id: 'temporaries-stay',
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
  about('vm', {
    id: 'disks-unsure',
    severity: 'notice',
    when: 'disks are to be the source for a definition that only supports a security type',
    azure: { accepts: 'Sources disagree; if Azure refuses, it does so within seconds.' },
    looksAt: ['definition feature `SecurityType`', '`capture-from`'],
    remedy:
      'For Trusted Launch VMs a definition with `SecurityType=TrustedLaunch` is the sure way.',
    check: (_, { inventory, target }) =>
      target?.source?.from === 'disks' &&
      inventory.definition &&
      onlySupports(inventory.definition.securityType) &&
      `Sources disagree whether Azure takes disks for a definition of security type \`${inventory.definition.securityType}\`; if not, it says so within seconds of the request.`,
  }),
];
