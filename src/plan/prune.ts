import { type ImageUse, type ImageVersion, USERS } from '../domain/gallery.ts';
import {
  isMadeToVerify,
  isNowhere,
  isOutOfLatest,
  isZeroZero,
  latestAnywhere,
} from '../domain/latest.ts';
import type { State } from '../domain/observed.ts';
import { ownerOf } from '../domain/owner.ts';
import type { PruneRequest } from '../domain/request.ts';
import { nameOf } from '../domain/resource-id.ts';
import { earlierBy, formatSpan } from '../domain/span.ts';
import { type Lock, lockOn } from '../domain/subscription.ts';
import { tagValue } from '../domain/tags.ts';
import type { PruneTarget } from '../domain/target.ts';
import { throwAwayName } from '../domain/throw-away.ts';
import { highestFirst } from '../domain/version-number.ts';
import { dayOf } from '../domain/words.ts';
import { deletion } from './common-steps.ts';
import type { Step } from './plan.ts';

/**
 * The deletions that are missing: of versions, of snapshots, and of VMs that ended verifications left,
 * with their versions; empty when nothing is left to delete. Such a VM is deleted before its version, and
 * both last: where Azure refuses to delete the VM, its version stays, and nothing else does. A version
 * that changed since it was chosen is left to the next run.
 */
export function planPrune(
  { deletions }: Pick<PruneTarget, 'deletions'>,
  { prunable = [], throwAways = [], expired }: Pick<State, 'prunable' | 'throwAways' | 'expired'>,
): Step[] {
  const now = new Map(prunable.map((version) => [version.id, version]));
  const versions = deletions.filter((was) => isAsJudged(was, now.get(was.id))).map(({ id }) => id);
  const hasVm = (version: string) =>
    throwAways.some((vm) => nameOf(vm).toLowerCase() === throwAwayName(version));
  return [
    ...deletion(
      'old-versions',
      versions.filter((id) => !hasVm(id)),
    ),
    ...deletion('old-snapshots', expired),
    ...deletion('earlier-verify-vm', throwAways),
    ...deletion('old-verified-versions', versions.filter(hasVm)),
  ];
}

/** All that the judgement on the versions of a definition looks at. */
export interface PruneFacts {
  /** By Azure's clock. */
  readonly now: Date;
  /** Of the definition; those of which it matters with their replication. */
  readonly versions: readonly ImageVersion[];
  readonly uses: readonly ImageUse[];
  /** Versions, in whichever definition, that were made of versions of this one. */
  readonly copies: readonly ImageVersion[];
  /** On, above and below the versions; `undefined` where they could not be read. */
  readonly locks: readonly Lock[] | undefined;
}

/** Why a version goes or stays, and how a person reads it. */
export const REASONS = {
  'older-than': 'older than `older-than`',
  failed: 'failed, and complete nowhere, for more than a week',
  ephemeral: 'left by an ephemeral run more than a day ago',
  'in-flight': 'being created, updated or deleted',
  latest: 'what `latest` means in some region',
  'keep-versions': 'one of the newest that `keep-versions` keeps',
  'end-of-life': 'protected until its end of life',
  'in-use': 'in use',
  copied: 'source of a copy that needs it',
  locked: 'locked',
  'keep-tags': 'has a tag of `keep-tags`',
  younger: 'not old enough',
  'unknown-date': 'Azure does not show when it was published',
  'not-read': 'failed, and not looked at more closely in this run',
  'max-deletions': 'left for the next run by `max-deletions`',
  changed: 'changed while this run was at work',
  refused: 'to be deleted, but Azure refused that',
  'not-reached': 'to be deleted; this run ended before that was known',
} as const;

export type Reason = keyof typeof REASONS;

/** What keeps a version, or lets it go. */
export interface PruneVerdict {
  readonly reason: Reason;
  /** What the reason rests on, such as who uses it; empty when the reason says all. */
  readonly detail: string;
}

/** A version, and what is to become of it. */
export interface Judged extends PruneVerdict {
  readonly version: ImageVersion;
}

/** Whether a version is to be deleted: only for one of these reasons. */
export const goes = ({ reason }: PruneVerdict): boolean =>
  reason === 'older-than' || reason === 'failed' || reason === 'ephemeral';

const DAY_MS = 24 * 3600 * 1000;
const FAILED_DAYS = 7;
const EPHEMERAL_DAYS = 1;

/**
 * Every version with what is to become of it, oldest first. A version goes only when nothing protects
 * it; what is not known protects.
 */
export function judgeVersions(request: PruneRequest, facts: PruneFacts): Judged[] {
  const protects = protections(request, facts);
  let left = request.maxDeletions;
  return facts.versions.toSorted(byAge).map((version) => {
    const verdict = protects(version) ?? aged(version, request, facts.now);
    const isTooMany = goes(verdict) && left-- <= 0;
    return { version, ...(isTooMany ? because('max-deletions') : verdict) };
  });
}

const because = (reason: Reason, detail = ''): PruneVerdict => ({ reason, detail });

const byAge = (a: ImageVersion, b: ImageVersion): number =>
  (a.published?.getTime() ?? 0) - (b.published?.getTime() ?? 0) ||
  a.name.localeCompare(b.name, 'en', { numeric: true });

/** What protects a version whatever its age, as a function of the version. */
function protections(request: PruneRequest, facts: PruneFacts) {
  const sorted = highestFirst(facts.versions);
  const latest = latestAnywhere(sorted);
  const newest = new Set(
    sorted
      .filter(isCounted)
      .slice(0, request.keepVersions)
      .map(({ name }) => name),
  );
  const needs = ownProtections(request, facts);
  return (version: ImageVersion): PruneVerdict | undefined => {
    const { id, name } = version;
    if (isInFlight(version)) return because('in-flight', version.provisioningState);
    const region = latest.get(name);
    if (region !== undefined) return because('latest', region);
    if (newest.has(name)) return because('keep-versions');
    const lock = lockOn(id, facts.locks);
    return needs(version) ?? (lock && because('locked', `${lock.name} on ${lock.scope}`));
  };
}

/** What protects a version by itself: its end of life, its users, its copies, its tags. */
function ownProtections({ keepTags }: PruneRequest, { now, ...facts }: PruneFacts) {
  const uses = Map.groupBy(facts.uses, ({ version }) => version);
  const copies = Map.groupBy(facts.copies.filter(needsSource), ({ sourceId = '' }) =>
    sourceId.toLowerCase(),
  );
  return (version: ImageVersion): PruneVerdict | undefined => {
    if (isBlocked(version, now))
      return because('end-of-life', version.endOfLife && dayOf(version.endOfLife));
    const [use] = uses.get(version.name) ?? uses.get(undefined) ?? [];
    if (use) return because('in-use', `${USERS[use.how]} ${use.by}`);
    const [copy] = copies.get(version.id.toLowerCase()) ?? [];
    if (copy) return because('copied', copy.id);
    const tag = keepTags.find(({ name, value }) => {
      const found = tagValue(version.tags, name);
      return (
        found !== undefined && (value === undefined || found.toLowerCase() === value.toLowerCase())
      );
    });
    return tag && because('keep-tags', tag.name);
  };
}

const isInFlight = ({ provisioningState: state }: ImageVersion): boolean =>
  state !== 'Succeeded' && state !== 'Failed';

/**
 * Why a version that was to go has to stay after all; `undefined` when it still may go. Asked right
 * before its deletion.
 *
 * @param facts as they are now
 * @returns a function of the version as it was judged, and as it is now
 */
export function stillKept(request: PruneRequest, facts: PruneFacts) {
  const protects = protections(request, facts);
  // One answer with a wrong date, of a proxy, is not to make a version old.
  const unlessGoing = (is: ImageVersion): PruneVerdict | undefined => {
    const verdict = aged(is, request, facts.now);
    return goes(verdict) ? undefined : verdict;
  };
  return (was: ImageVersion, is: ImageVersion): PruneVerdict | undefined =>
    protects(is) ?? (isAsJudged(was, is) ? unlessGoing(is) : because('changed'));
}

/** Whether a version is there, and still what it was when it was judged. */
const isAsJudged = (was: ImageVersion, is: ImageVersion | undefined): boolean =>
  is !== undefined && traitsOf(was) === traitsOf(is);

/** What a judgement rests on beside users and tags. */
const traitsOf = (version: ImageVersion): string =>
  JSON.stringify([
    version.published,
    version.sourceId?.toLowerCase(),
    version.provisioningState,
    version.excludeFromLatest,
    version.regions.map(({ name, excludeFromLatest }) => [name, excludeFromLatest]),
    version.provisioningState === 'Failed' && isNowhere(version),
  ]);

/** Whether it counts among those that `keep-versions` keeps. */
const isCounted = (version: ImageVersion): boolean =>
  version.provisioningState === 'Succeeded' && !isOutOfLatest(version) && !isZeroZero(version.name);

const isBlocked = ({ deletionBlocked, endOfLife }: ImageVersion, now: Date): boolean =>
  deletionBlocked && (endOfLife === undefined || endOfLife > now);

/** A copy under way reads its source, and a Shallow one has nothing else. */
const needsSource = ({ provisioningState: state, replicationMode }: ImageVersion): boolean =>
  state === 'Creating' ||
  state === 'Updating' ||
  state === 'Migrating' ||
  (replicationMode === 'Shallow' && state !== 'Deleting');

/** Whether an ephemeral run made it. */
const isEphemeralRun = (version: ImageVersion): boolean =>
  isMadeToVerify(version) && isOutOfLatest(version) && ownerOf(version.tags) !== undefined;

/** What its age says of a version that nothing protects. */
function aged(version: ImageVersion, { olderThan }: PruneRequest, now: Date): PruneVerdict {
  const { published } = version;
  if (!published) return because('unknown-date');
  const day = dayOf(published);
  const days = (now.getTime() - published.getTime()) / DAY_MS;
  if (version.provisioningState === 'Failed') {
    const nowhere = isNowhere(version);
    if (nowhere === undefined) return because('not-read');
    if (nowhere) return days > FAILED_DAYS ? because('failed') : because('younger', day);
  }
  if (isEphemeralRun(version))
    return days > EPHEMERAL_DAYS ? because('ephemeral') : because('younger', day);
  return published <= earlierBy(olderThan, now)
    ? because('older-than')
    : because('younger', `${day}, \`older-than\` is ${formatSpan(olderThan)}`);
}

/** A judgement in one line. */
export const describeReason = ({ reason, detail }: PruneVerdict): string =>
  `${REASONS[reason]}${detail ? ` (${detail})` : ''}`;
