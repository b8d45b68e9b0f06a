import { encryptionSetsOf } from '../../domain/encryption.ts';
import type { Finding } from '../../domain/finding.ts';
import { latestByRegion } from '../../domain/latest.ts';
import type { Definition, ImageVersion } from '../../domain/observed.ts';
import { describeOwner, owns } from '../../domain/owner.ts';
import { MOST_REPLICAS, sameRegion } from '../../domain/regions.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { nameOf, parentId, sameId } from '../../domain/resource-id.ts';
import { MOST_TAGS } from '../../domain/tags.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { applied } from '../../domain/version-order.ts';
import type { PromoteSurvey } from '../resolve-promote.ts';

/** What the rules of a promotion look at. */
export interface PromoteFacts {
  readonly request: PromoteRequest;
  readonly survey: PromoteSurvey;
  readonly target: PromoteTarget | undefined;
}

type Check = (facts: PromoteFacts) => Omit<Finding, 'rule'> | undefined;

const error = (message: string, remedy: string) =>
  ({ severity: 'error', message, remedy }) as const;

/** The rule book of a promotion, by the rule's id. */
const RULES: Readonly<Record<string, Check>> = {
  'source-not-ready': onCopy(({ survey: { source } }) =>
    source.provisioningState === 'Succeeded' || source.provisioningState === 'Updating'
      ? undefined
      : error(
          `Image version ${source.name} is ${source.provisioningState}, and only one that is Succeeded can be copied.`,
          'Wait for it (`operation: wait`), or repair it first.',
        ),
  ),
  'source-shallow': ({ request, survey: { source } }) =>
    source.replicationMode === 'Shallow' && (request.destination || request.regions.length > 0)
      ? error(
          `Image version ${source.name} is shallow: it never left its source, so it can neither be copied nor get more regions.`,
          'Capture the image again with `replication-mode: Full`.',
        )
      : undefined,
  'source-customer-key': onCopy(({ survey: { source } }) =>
    source.regions.some(({ encryption }) => encryption && encryptionSetsOf(encryption).length > 0)
      ? error(
          `Image version ${source.name} is encrypted with a customer-managed key; Azure takes no such version as the source of another.`,
          'Capture the VM into the other definition as well, with the disk encryption sets of its regions.',
        )
      : undefined,
  ),
  'copy-gallery-missing': onCopy(({ request, survey }) =>
    survey.gallery
      ? undefined
      : error(
          `The gallery ${parentId(request.destination ?? '')} does not exist, or this identity may not read it.`,
          'Check `gallery`, `gallery-resource-group` and `gallery-subscription-id`, and that the identity has Microsoft.Compute/galleries/read there.',
        ),
  ),
  'copy-definition-missing': onCopy(({ request, survey }) =>
    survey.definition || !survey.gallery
      ? undefined
      : error(
          `The gallery ${nameOf(survey.gallery.id)} has no image definition ${nameOf(request.destination ?? '')}.`,
          'Check `image-definition`, or create it like the source’s: its OS type and state, generation, architecture and security type must be the same.',
        ),
  ),
  'copy-definition-differs': onCopy(({ survey: { definition, sourceDefinition } }) => {
    const different = definition && sourceDefinition ? differing(definition, sourceDefinition) : [];
    return different.length > 0
      ? error(
          `The image definition ${nameOf(definition?.id ?? '')} does not fit the source's: ${different.join(', ')}.`,
          'Name, or create, a definition with the same values: none of them can ever be changed.',
        )
      : undefined;
  }),
  'copy-home-region': onCopy(({ survey: { source, definition }, target }) =>
    target || !definition
      ? undefined
      : error(
          `No target region holds a complete replica of image version ${source.name}, and Azure copies a version only within a region where it is.`,
          `Add ${source.location} to \`target-regions\`, or another region where the source is complete.`,
        ),
  ),
  'version-taken': onCopy(({ survey: { source, versions }, target }) => {
    const there = target && versions.find((version) => sameId(version.id, target.version));
    if (!there || owns(target.owner, there.tags)) return undefined;
    if (sameId(there.sourceId, source.id) && there.provisioningState !== 'Failed') return undefined;
    return error(
      `Image version ${there.name} exists already (${there.provisioningState}) and is no copy of ${source.id}; it was made by ${describeOwner(there.tags)}.`,
      there.provisioningState === 'Failed'
        ? 'Delete the failed version, or give another `image-version`.'
        : 'Give another `image-version`. A version is never overwritten.',
    );
  }),
  'version-soft-deleted': onCopy(({ survey: { softDeleted, versions }, target }) => {
    const name = target && nameOf(target.version);
    return name && softDeleted.includes(name) && !versions.some((each) => each.name === name)
      ? error(
          `Image version ${name} was deleted, but the gallery keeps it in its recycle bin (soft delete), and its number is not free until then.`,
          'Give another `image-version`.',
        )
      : undefined;
  }),
  'region-removal': ({ request, target }) =>
    (target?.goal.remove ?? []).length > 0 && !request.allowRegionRemoval
      ? error(
          `\`region-changes: replace\` would remove ${target?.goal.remove.join(', ')}, and with it every replica there: scale sets in it can no longer create VMs of this version.`,
          'Say `allow-region-removal: true` if that is meant, list these regions too, or use `region-changes: add`.',
        )
      : undefined,
  'region-home': ({ target }) =>
    target?.goal.remove.some((name) => sameRegion(name, target.location))
      ? error(
          `${target.location} is the version's home region, which Azure never lets go.`,
          `Add ${target.location} to \`target-regions\`.`,
        )
      : undefined,
  'region-storage-fixed': inPlace(({ request, survey: { source } }) => {
    const changed = request.regions.filter(({ name, storageAccountType }) => {
      const there = source.regions.find((region) => sameRegion(region.name, name));
      return (
        there?.storageAccountType !== undefined &&
        storageAccountType !== undefined &&
        there.storageAccountType !== storageAccountType
      );
    });
    return changed.length > 0
      ? error(
          `The storage type of a region can never be changed, and ${changed.map(({ name }) => name).join(', ')} ${changed.length === 1 ? 'has' : 'have'} another one already.`,
          'Leave the storage type of these regions out, or make a new version.',
        )
      : undefined;
  }),
  'version-storage-fixed': inPlace(({ request, survey: { source } }) =>
    request.storageAccountType &&
    request.regions.every(({ name }) =>
      source.regions.some((there) => sameRegion(there.name, name)),
    )
      ? error(
          'The storage type of a version can never be changed; `storage-account-type` only concerns regions that are added, and none is.',
          'Remove `storage-account-type`, or make a new version.',
        )
      : undefined,
  ),
  'region-encryption-fixed': inPlace(({ request, survey: { source } }) => {
    const changed = request.regions.filter(
      ({ name, encryption }) =>
        encryption && source.regions.some((there) => sameRegion(there.name, name)),
    );
    return changed.length > 0
      ? error(
          `The encryption of a region can never be changed, and ${changed.map(({ name }) => name).join(', ')} ${changed.length === 1 ? 'is' : 'are'} there already.`,
          'Leave `encryption` of these regions out, or make a new version.',
        )
      : undefined;
  }),
  'replicas-total': ({ target }) => {
    const total = (target?.regions ?? []).reduce((sum, { replicas }) => sum + replicas, 0);
    return total > MOST_REPLICAS
      ? error(
          `The regions would have ${total} replicas together; Azure allows ${MOST_REPLICAS} for a version.`,
          'Lower `replica-count`, or the numbers in `target-regions`.',
        )
      : undefined;
  },
  'block-without-end': ({ target }) =>
    target?.goal.blockDeletionBeforeEndOfLife && !target.endOfLife
      ? error(
          '`block-deletion-before-end-of-life` is true, but the version has no end of life to block it until.',
          'Give `end-of-life`.',
        )
      : undefined,
  'tags-full': ({ target, survey: { source } }) => {
    const names = new Set(
      Object.keys(target?.order ? target.tags : { ...source.tags, ...target?.goal.tags }).map(
        (name) => name.toLowerCase(),
      ),
    );
    return names.size > MOST_TAGS
      ? error(
          `The version would have ${names.size} tags; Azure allows ${MOST_TAGS}.`,
          'Give fewer `tags`, or remove some from the source version.',
        )
      : undefined;
  },
  'latest-none': ({ request, survey: { versions }, target }) => {
    const losing = target ? withoutLatest(target, versions) : [];
    return losing.length > 0 && !request.allowNoLatest
      ? error(
          `Without this version nothing would be \`latest\` in ${losing.join(', ')}: deployments that ask for it would fail there.`,
          'Put another version into `latest` first, or say `allow-no-latest: true`.',
        )
      : undefined;
  },
  'latest-region-excluded': ({ target }) => {
    const stays = (target?.regions ?? []).filter(({ excludeFromLatest }) => excludeFromLatest);
    return target?.goal.excludeFromLatest === false && stays.length > 0
      ? {
          severity: 'notice',
          message: `In ${stays.map(({ name }) => name).join(', ')} the version stays out of \`latest\`: a region's own exclusion takes precedence over the version's.`,
          remedy:
            'List these regions in `target-regions` to put the version into `latest` there too.',
        }
      : undefined;
  },
  'latest-waits': ({ request, survey: { versions }, target }) => {
    const there = target && versions.find(({ id }) => sameId(id, target.version));
    return request.waitFor !== 'replicated' &&
      target?.goal.excludeFromLatest === false &&
      (there?.excludeFromLatest ?? true)
      ? {
          severity: 'warning',
          message: `The version enters \`latest\` last, once every region is complete; with \`wait-for: ${request.waitFor}\` this run does not see that, so the version stays out of \`latest\`.`,
          remedy: 'Use `wait-for: replicated`, or run the job again once every region is complete.',
        }
      : undefined;
  },
};

/** Judges a promotion: every finding at once, errors first. */
export function judgePromote(facts: PromoteFacts): Finding[] {
  const found = Object.entries(RULES).flatMap(([rule, check]) => {
    const finding = check(facts);
    return finding ? [{ rule, ...finding }] : [];
  });
  const weight = { error: 0, warning: 1, notice: 2 };
  return found.sort((a, b) => weight[a.severity] - weight[b.severity]);
}

function onCopy(check: Check): Check {
  return (facts) => (facts.request.destination ? check(facts) : undefined);
}

function inPlace(check: Check): Check {
  return (facts) => (facts.request.destination ? undefined : check(facts));
}

function differing(definition: Definition, source: Definition): string[] {
  const properties = {
    osType: 'OS type',
    osState: 'OS state',
    generation: 'Hyper-V generation',
    architecture: 'architecture',
    securityType: 'security type',
  } as const;
  return (Object.keys(properties) as (keyof typeof properties)[])
    .filter((name) => definition[name] !== source[name])
    .map((name) => `${properties[name]} ${definition[name]} instead of ${source[name]}`);
}

/** Regions that have a `latest` now, this version, and would have none. */
function withoutLatest(target: PromoteTarget, versions: readonly ImageVersion[]): string[] {
  const there = versions.find(({ id }) => sameId(id, target.version));
  if (!there) return [];
  const names = there.regions.map(({ name }) => name);
  const before = latestByRegion(versions, names);
  const after = latestByRegion(
    versions.map((version) => (version === there ? applied(there, target.goal) : version)),
    names,
  );
  return names.filter((name) => before[name] === there.name && after[name] === null);
}
