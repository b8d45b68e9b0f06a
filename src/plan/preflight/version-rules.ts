import { formatVersion } from '../../domain/image-version.ts';
import { describeOwner, owns, SOURCE_TAG, sameMachine } from '../../domain/owner.ts';
import { MOST_REPLICAS } from '../../domain/regions.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import { temporariesOf } from '../../domain/source.ts';
import { LONGEST_TAG_VALUE, tagValue } from '../../domain/tags.ts';
import type { Rule } from './rule.ts';

/** Rules on the version that is to be made. */
export const versionRules: readonly Rule[] = [
  {
    id: 'version-taken',
    severity: 'error',
    check: ({ request, survey, mine }) => {
      if (request.version.choose !== 'exactly' || mine) return undefined;
      const number = formatVersion(request.version.number);
      const taken = survey.versions.find((version) => version.name === number);
      return (
        taken && {
          message: `Image version ${number} exists already (${taken.provisioningState}); it was made by ${describeOwner(taken.tags)}.`,
          remedy:
            taken.provisioningState === 'Failed'
              ? 'Delete the failed version, give another `image-version`, or `auto` for the next free one.'
              : 'Give another `image-version`, or `auto` for the next free one. A version is never overwritten.',
        }
      );
    },
  },
  {
    id: 'version-soft-deleted',
    severity: 'error',
    check: ({ request, survey, mine }) => {
      if (request.version.choose !== 'exactly' || mine) return undefined;
      const number = formatVersion(request.version.number);
      return survey.softDeleted.includes(number)
        ? {
            message: `Image version ${number} was deleted, but the gallery keeps it in its recycle bin (soft delete), and its number is not free until then.`,
            remedy: 'Give another `image-version`, or `auto`.',
          }
        : undefined;
    },
  },
  {
    id: 'version-exhausted',
    severity: 'error',
    check: ({ survey, request, target, mine, dryRun }) =>
      (survey.vm || dryRun) &&
      survey.definition &&
      !target &&
      !mine &&
      request.version.choose === 'next'
        ? {
            message:
              'There is no next version number: a part of the highest one is 2147483647, the largest Azure takes.',
            remedy: 'Count up another part (`minor` or `major`), or give a number.',
          }
        : undefined,
  },
  {
    id: 'vm-captured-before',
    severity: 'error',
    check: ({ survey, target, mine, request }) => {
      if (!survey.vm?.generalized || mine || !target) return undefined;
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
    },
  },
  {
    id: 'replicas-total',
    severity: 'error',
    check: ({ target, mine }) => {
      const total = (target?.regions ?? []).reduce((sum, { replicas }) => sum + replicas, 0);
      return mine || total <= MOST_REPLICAS
        ? undefined
        : {
            message: `The regions have ${total} replicas together; Azure allows ${MOST_REPLICAS} for a version.`,
            remedy: 'Lower `replica-count`, or the numbers in `target-regions`.',
          };
    },
  },
  {
    id: 'shallow-regions',
    severity: 'error',
    check: ({ request, target, mine }) =>
      request.replicationMode === 'Shallow' &&
      !mine &&
      target &&
      (target.regions.length > 1 || target.regions.some(({ replicas }) => replicas > 1))
        ? {
            message: `A shallow version cannot leave its source: it has one replica, in the region of the VM, and no other.`,
            remedy:
              'Leave `target-regions` and `replica-count` out, or use `replication-mode: Full`.',
          }
        : undefined,
  },
  {
    id: 'shallow-source',
    severity: 'error',
    check: ({ request, target, mine }) =>
      request.replicationMode === 'Shallow' &&
      !mine &&
      target?.source &&
      target.source.from !== 'vm'
        ? {
            message:
              'A shallow version copies nothing, so what it is made of may never be deleted; this one would be made of something temporary.',
            remedy:
              'Use `replication-mode: Full`, or a definition that takes the VM itself with `capture-from: vm`.',
          }
        : undefined,
  },
  {
    id: 'temporaries-stay',
    severity: 'warning',
    check: ({ request, target, mine }) =>
      target?.source && !mine && request.waitFor !== 'replicated' && target.source.from !== 'vm'
        ? {
            message: `With \`wait-for: ${request.waitFor}\` this run does not see the end of the replication, so ${temporariesOf(target.source).map(nameOf).join(', ')} cannot be deleted by it.`,
            remedy:
              'Run the job again once every region is complete, which deletes them, or use `wait-for: replicated`.',
          }
        : undefined,
  },
  {
    id: 'disks-unsure',
    severity: 'notice',
    check: ({ survey, target, mine }) =>
      !mine &&
      target?.source?.from === 'disks' &&
      survey.definition?.securityType.endsWith('Supported')
        ? {
            message: `Sources disagree whether Azure takes disks for a definition of security type ${survey.definition.securityType}; if not, it says so within seconds of the request.`,
            remedy:
              'For Trusted Launch VMs a definition with `SecurityType=TrustedLaunch` is the sure way.',
          }
        : undefined,
  },
  {
    id: 'replicas-for-latest',
    severity: 'notice',
    check: ({ request, target, mine }) => {
      if (request.excludeFromLatest || mine || !target) return undefined;
      const few = target.regions.filter((region) => region.replicas < 3);
      return few.length > 0
        ? {
            message: `Fewer than three replicas in ${few.map((region) => region.name).join(', ')}: many VMs created at once from one replica are throttled.`,
            remedy:
              'For production, Azure advises three replicas or more, and one for every twenty VMs created at once: `replica-count: 3`.',
          }
        : undefined;
    },
  },
];
