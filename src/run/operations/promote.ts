import { type LatestChange, latestByRegion, latestOf } from '../../domain/latest.ts';
import type { ImageVersion } from '../../domain/observed.ts';
import { owns } from '../../domain/owner.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { childId, parentId, sameId } from '../../domain/resource-id.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { applied, bringingBack } from '../../domain/version-order.ts';
import { promoteRules } from '../../plan/preflight/promote-rules.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { planPromote } from '../../plan/promote.ts';
import type { Origin } from '../../plan/resolve.ts';
import { type PromoteSurvey, resolvePromote } from '../../plan/resolve-promote.ts';
import { noLatest, noSource } from '../../plan/source-version.ts';
import type { Operation, Prepared, Seen } from '../operation.ts';
import type { Reads } from '../ports.ts';

/** A version that exists is copied into another definition, or changed where it is. */
export const promoteOperation = (
  request: PromoteRequest,
  origin: Origin,
): Operation<PromoteTarget, Seen> => ({
  async prepare(compute, dryRun): Promise<Prepared<PromoteTarget, Seen>> {
    const source = await find(request, compute);
    if (!('id' in source))
      return { target: undefined, findings: [source], unchecked: [], owner: '' };
    const survey = await surveyOf(request, source, compute);
    const target = resolvePromote(request, origin, survey);
    const facts = { request, survey, target };
    const judgement = judge(promoteRules, facts, { dryRun, lacking: [] });
    return {
      ...judgement,
      target,
      owner: target?.owner ?? '',
      ...(target && { latest: forecast(target, survey.versions) }),
    };
  },
  async observe(compute, { version }) {
    return { version: await compute.version(version), snapshots: [] };
  },
  plan: planPromote,
  isLost: ({ order, owner, source }, { version }) =>
    order !== undefined &&
    version !== undefined &&
    !owns(owner, version.tags) &&
    !sameId(version.sourceId, source),
  tags: ({ tags }) => tags,
  async latest(compute, target) {
    return latestByRegion(await compute.versions(parentId(target.version)), regionsOf(target, []));
  },
});

/** The version to promote; `latest` is looked up once and not again. */
async function find({ source }: PromoteRequest, compute: Reads) {
  const id =
    source.version === 'latest'
      ? latestOf(await compute.versions(source.definition))?.id
      : childId(source.definition, 'versions', source.version);
  if (!id) return noLatest(source.definition);
  return (await compute.version(id)) ?? noSource(id);
}

async function surveyOf(
  { source: from, destination }: PromoteRequest,
  source: ImageVersion,
  compute: Reads,
): Promise<PromoteSurvey> {
  const now = new Date();
  if (!destination) {
    const versions = await compute.versions(from.definition);
    return { now, source, sourceDefinition: undefined, versions, softDeleted: [] };
  }
  const [sourceDefinition, gallery, definition, versions] = await Promise.all([
    compute.definition(from.definition),
    compute.gallery(parentId(destination)),
    compute.definition(destination),
    compute.versions(destination),
  ]);
  const softDeleted = gallery?.softDelete ? await compute.softDeletedVersions(destination) : [];
  return { now, source, sourceDefinition, gallery, definition, versions, softDeleted };
}

/** What `latest` is in each region of the version, and what it will be. */
function forecast(target: PromoteTarget, versions: readonly ImageVersion[]): LatestChange {
  const there = versions.find(({ id }) => sameId(id, target.version));
  const regions = regionsOf(target, there?.regions ?? []);
  const others = versions.filter((version) => version !== there);
  const { id = target.version, tags = {} } = there ?? {};
  const base: ImageVersion = there ?? {
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    location: target.location,
    provisioningState: 'Succeeded',
    excludeFromLatest: target.excludeFromLatest,
    deletionBlocked: false,
    regions: target.regions,
    tags,
  };
  const goal = bringingBack(target.goal, base);
  const after = { ...applied(base, goal), provisioningState: 'Succeeded' as const };
  return {
    before: latestByRegion(versions, regions),
    after: latestByRegion([...others, after], regions),
  };
}

const regionsOf = ({ regions, goal }: PromoteTarget, there: ImageVersion['regions']): string[] => [
  ...new Set([...there, ...regions].map(({ name }) => name).concat(goal.remove)),
];
