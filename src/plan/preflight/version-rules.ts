import { compareVersions, formatVersion, parseVersion } from '../../domain/image-version.ts';
import type { ImageVersion } from '../../domain/observed.ts';
import { describeOwner, owns, SOURCE_TAG, sameMachine } from '../../domain/owner.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { temporariesOf } from '../../domain/source.ts';
import { LONGEST_TAG_VALUE, tagValue } from '../../domain/tags.ts';
import { chooseNumber } from '../resolve.ts';
import type { CaptureFacts, CaptureRule } from './capture-facts.ts';
import { unlessMade } from './common-facts.ts';
import { numberRules } from './number-rules.ts';
import type { Found } from './rule.ts';
import { newestFirst } from './versions.ts';

const OTHER_SOURCE =
  "Changing property 'galleryImageVersion.properties.storageProfile.source.…' is not allowed.";

/** Rules on the number, the lifetime and the source of the version that is to be made. */
export const versionRules: readonly CaptureRule[] = [
  {
    id: 'version-taken',
    severity: 'error',
    when: 'a version of the number asked for exists',
    azure: { says: OTHER_SOURCE },
    looksAt: ['versions', '`image-version`'],
    remedy:
      'Give another `image-version`, or `auto` for the next free one. A version is never overwritten.',
    check: onNamesake(({ name, provisioningState: state, tags }) =>
      state === 'Failed' || state === 'Deleting'
        ? undefined
        : {
            message: `Image version ${name} exists already (${state}); it was made by ${describeOwner(tags)}.`,
          },
    ),
  },
  {
    id: 'version-failed',
    severity: 'error',
    when: 'a failed version of the number asked for is left',
    azure: { says: OTHER_SOURCE },
    looksAt: ['versions', '`image-version`'],
    remedy:
      'Delete the failed version, give another `image-version`, or `auto` for the next free one.',
    check: onNamesake(({ name, provisioningState, tags }) =>
      provisioningState === 'Failed'
        ? {
            message: `A failed image version ${name} is left, made by ${describeOwner(tags)}; only who made it may repair it.`,
          }
        : undefined,
    ),
  },
  {
    id: 'version-deleting',
    severity: 'error',
    when: 'a version of the number asked for is being deleted',
    azure: {
      says: 'since it is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)',
    },
    looksAt: ['versions', '`image-version`'],
    remedy: 'Run again when it is gone, usually within minutes, or give another `image-version`.',
    check: onNamesake(({ name, provisioningState }) =>
      provisioningState === 'Deleting'
        ? {
            message: `Image version ${name} is being deleted, and its number is not free until then.`,
          }
        : undefined,
    ),
  },
  ...numberRules<CaptureFacts>(
    exactNumber,
    ({ survey, request }) =>
      survey.definition !== undefined && chooseNumber(request, survey) === undefined,
  ),
  {
    id: 'version-lower',
    severity: 'warning',
    when: 'the number asked for is lower than the newest, and the version is to be in `latest`',
    azure: { accepts: 'Azure takes numbers in any order; the highest one is `latest`.' },
    looksAt: ['versions', '`image-version`', '`exclude-from-latest`'],
    remedy:
      'Give a higher number or `auto`. For a fix of an older line set `exclude-from-latest: true`, which says so.',
    check: unlessMade((facts) => {
      const { request, survey } = facts;
      const [newest] = newestFirst(survey.versions.filter(({ excludeFromLatest: out }) => !out));
      const number = newest && parseVersion(newest.name);
      if (request.excludeFromLatest || request.version.choose !== 'exactly') return undefined;
      return typeof number === 'object' && compareVersions(request.version.number, number) < 0
        ? {
            message: `Image version ${formatVersion(request.version.number)} is lower than ${newest?.name}, so it will not become the latest.`,
          }
        : undefined;
    }),
  },
  {
    id: 'vm-captured-before',
    severity: 'error',
    needs: ['vm'],
    when: 'another run has made a version of this generalized VM',
    azure: { accepts: 'Azure makes as many versions of a generalized VM as are asked for.' },
    looksAt: ['VM `OSState`', 'versions and their tags'],
    remedy:
      'Use that version, or build a new VM: a generalized one cannot be changed any more, so another version would hold the same.',
    check: unlessMade(({ survey, target, request }) => {
      if (!survey.vm?.generalized || !target) return undefined;
      const other = survey.versions.find(
        (version) =>
          sameId(tagValue(version.tags, SOURCE_TAG), request.vm.slice(0, LONGEST_TAG_VALUE)) &&
          !owns(target.owner, version.tags) &&
          sameMachine(target.owner, version.tags) &&
          version.provisioningState !== 'Failed',
      );
      return (
        other && {
          message: `${survey.vm.name} was already captured: version ${other.name} was made of it by ${describeOwner(other.tags)}.`,
          remedy: `Use ${other.id}, or build a new VM: a generalized one cannot be changed any more, so another version would hold the same.`,
        }
      );
    }),
  },
  {
    id: 'temporaries-stay',
    severity: 'warning',
    needs: ['vm'],
    when: 'the run will not see the end of the replication, and makes something only to capture from',
    azure: { accepts: 'Azure keeps, and bills, what nobody deletes.' },
    looksAt: ['definition feature `SecurityType`', '`capture-from`', '`wait-for`'],
    remedy:
      'Run the job again once every region is complete, which deletes them, or use `wait-for: replicated`.',
    check: unlessMade(({ request, target }) =>
      target?.source && request.waitFor !== 'replicated' && target.source.from !== 'vm'
        ? {
            message: `With \`wait-for: ${request.waitFor}\` this run does not see the end of the replication, so ${temporariesOf(target.source).map(nameOf).join(', ')} cannot be deleted by it.`,
          }
        : undefined,
    ),
  },
  {
    id: 'disks-unsure',
    severity: 'notice',
    needs: ['vm'],
    when: 'disks are to be the source for a definition that only supports a security type',
    azure: { accepts: 'Sources disagree; if Azure refuses, it does so within seconds.' },
    looksAt: ['definition feature `SecurityType`', '`capture-from`'],
    remedy:
      'For Trusted Launch VMs a definition with `SecurityType=TrustedLaunch` is the sure way.',
    check: unlessMade(({ survey, target }) =>
      target?.source?.from === 'disks' && survey.definition?.securityType.endsWith('Supported')
        ? {
            message: `Sources disagree whether Azure takes disks for a definition of security type ${survey.definition.securityType}; if not, it says so within seconds of the request.`,
          }
        : undefined,
    ),
  },
];

/** The number, when the request names one. */
function exactNumber({ request: { version } }: CaptureFacts): string | undefined {
  return version.choose === 'exactly' ? formatVersion(version.number) : undefined;
}

/** A check of the version that has the number asked for already. */
function onNamesake(check: (namesake: ImageVersion) => Found | undefined): CaptureRule['check'] {
  return unlessMade((facts) => {
    const namesake = facts.survey.versions.find(({ name }) => name === exactNumber(facts));
    return namesake && check(namesake);
  });
}
