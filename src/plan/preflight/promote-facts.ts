import type { Lock } from '../../domain/circumstances.ts';
import type { ImageVersion, PromoteSurvey } from '../../domain/observed.ts';
import { sameRegion, type TargetRegion } from '../../domain/regions.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { sameId } from '../../domain/resource-id.ts';
import { awayFrom } from '../../domain/set-aside.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { promoteNeeds } from '../needed-rights.ts';
import { type Step, writesOf } from '../plan.ts';
import { copiedRegions } from '../resolve-copy.ts';
import { type CommonFacts, commonLacks, needsAmong } from './common-facts.ts';
import type { Found, Need, Rule } from './rule.ts';

/** What the rules of a promotion look at. */
export interface PromoteFacts extends CommonFacts {
  readonly request: PromoteRequest;
  readonly survey: PromoteSurvey;
  /** What the survey resolves to; absent when too much is missing. */
  readonly target: PromoteTarget | undefined;
}

export type PromoteRule = Rule<PromoteFacts>;

type Resolved = Pick<PromoteFacts, 'request' | 'survey' | 'target'>;

/** What was seen, and what came of it. */
export interface PromoteKnown extends Resolved {
  readonly steps: readonly Step[];
  readonly locks?: readonly Lock[] | undefined;
}

export function promoteFacts({ steps, locks, ...known }: PromoteKnown): PromoteFacts {
  const { request, target } = known;
  const there = versionThere(known);
  // One that a repair took away comes back as Azure has had it, and is nothing to be judged anew.
  const had = there ? [...there.regions, ...awayFrom(there)] : [];
  const regions = target?.regions ?? askedRegions(known);
  const storageAccountType = target?.order?.storageAccountType ?? there?.storageAccountType;
  const endOfLife = target ? target.endOfLife : (request.endOfLife ?? endOfSource(known));
  const excludeFromLatest = target ? target.goal.excludeFromLatest : request.excludeFromLatest;
  return {
    ...known,
    definition: request.destination ?? request.source.definition,
    made: request.destination === undefined || isWell(there),
    regions,
    added: regions.filter(({ name }) => !had.some((region) => sameRegion(region.name, name))),
    entersLatest: excludeFromLatest === false && (there?.excludeFromLatest ?? true),
    needs: target && steps.length === 0 ? [] : promoteNeeds(request, regions),
    ...writesOf(steps),
    ...(storageAccountType && { storageAccountType }),
    ...(endOfLife && endOfLife.getTime() !== there?.endOfLife?.getTime() && { endOfLife }),
    ...(locks && { locks }),
  };
}

/** The version that is to be changed, or the copy when there is one. */
function versionThere({ request, survey, target }: Resolved): ImageVersion | undefined {
  if (!request.destination) return survey.source;
  return survey.versions.find(({ id }) => sameId(id, target?.version));
}

const isWell = (version: ImageVersion | undefined): boolean =>
  version !== undefined && version.provisioningState !== 'Failed';

/** What can be told of the regions when the rest cannot be resolved. */
const askedRegions = ({ request, survey: { source } }: Resolved): TargetRegion[] =>
  request.destination && source
    ? copiedRegions(request, source)
    : request.regions.map((choice) => ({ replicas: request.replicas ?? 1, ...choice }));

const endOfSource = ({ request, survey }: Resolved): Date | undefined =>
  request.destination ? survey.source?.endOfLife : undefined;

/** What Azure did not show of what the rules look at. */
export function promoteLacks(facts: PromoteFacts): Need[] {
  const common = commonLacks(facts);
  const source = facts.survey.source === undefined;
  const definition = !source && !facts.survey.definition && asksDefinition(facts);
  // Regions are only asked for where some are added.
  return needsAmong({
    source,
    definition,
    ...common,
    regions: common.regions && facts.added.length > 0,
  });
}

/** Whether a change in place is one that the definition has a say in; of a copy others tell. */
const asksDefinition = ({ request, added }: PromoteFacts): boolean =>
  !request.destination && (request.endOfLife !== undefined || added.length > 0);

interface OnSource {
  readonly source: ImageVersion;
  readonly facts: PromoteFacts;
}

/** A check that is about the version that is promoted. */
export const onSource =
  (check: (on: OnSource) => Found | undefined): PromoteRule['check'] =>
  (facts) =>
    facts.survey.source && check({ source: facts.survey.source, facts });

/** A check that only arises where the version is changed in its own place. */
export const inPlace = (check: (on: OnSource) => Found | undefined): PromoteRule['check'] =>
  onSource((on) => (on.facts.request.destination ? undefined : check(on)));

/** A check that does not arise where the version is changed in its own place. */
export const onCopy =
  (check: (facts: PromoteFacts) => Found | undefined): PromoteRule['check'] =>
  (facts) =>
    facts.request.destination ? check(facts) : undefined;
