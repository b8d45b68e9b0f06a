import type { ImageVersion } from '../domain/gallery.ts';
import { counted, dayOf, firstOf, joined } from '../domain/words.ts';
import {
  describeReason,
  goes,
  type Judged,
  type PruneVerdict,
  REASONS,
  type Reason,
} from '../plan/prune.ts';
import type { PruneTerms } from '../run/reporter.ts';
import { code, folded, markdown, table } from './plain.ts';

/** A version that was judged, and what came of that. */
interface Pruned extends Judged {
  /** Or why it stays although it was to go; absent: this run has not come to it. */
  readonly end?: 'deleted' | PruneVerdict;
}

/** What is known of a prune. */
export interface Pruning {
  readonly versions: readonly Pruned[];
  readonly terms: PruneTerms;
}

/** What is known of a prune that ended before it had judged any version. */
export const NOT_JUDGED: Pruning = {
  versions: [],
  terms: { subscriptions: [], now: new Date(0) },
};

/**
 * With what became of one version. What something else deleted is neither deleted here nor kept; what this
 * run deleted stays so, also where a later look still finds it in Azure's list.
 */
export function withEnd(
  pruning: Pruning,
  id: string,
  instead: NonNullable<Pruned['end']> | 'gone',
): Pruning {
  const versions = pruning.versions.flatMap((each) => {
    if (each.version.id !== id || each.end === 'deleted') return [each];
    return instead === 'gone' ? [] : [{ ...each, end: instead }];
  });
  return { ...pruning, versions };
}

/** Versions that outputs and summary list; more are counted. */
const MOST_LISTED = 50;

/** What a run is to delete, Azure permitting; oldest first. */
export const chosenOf = ({ versions }: Pruning): Judged[] =>
  versions.filter(
    ({ end = 'deleted', ...judged }) =>
      goes(judged) && (end === 'deleted' || end.reason === 'refused'),
  );

export const deletedOf = ({ versions }: Pruning): Judged[] =>
  versions.filter(({ end }) => end === 'deleted');

const NOT_REACHED = { reason: 'not-reached', detail: '' } as const;

/** What stays, with why; of a dry run without what is to go. */
const keptOf = ({ versions }: Pruning, dryRun: boolean): Judged[] =>
  versions.flatMap(({ end = NOT_REACHED, ...judged }) => {
    if (end === 'deleted') return [];
    if (!goes(judged)) return [judged];
    return dryRun ? [] : [{ ...judged, ...end }];
  });

const byReason = (all: readonly Judged[]): Readonly<Partial<Record<Reason, number>>> =>
  Object.fromEntries(
    [...Map.groupBy(all, ({ reason }) => reason)].map(([reason, { length }]) => [reason, length]),
  );

/** GiB that its replicas take at most: disks as large as they are, times replicas, in all regions. */
const gigabytesOf = ({ regions, sizeGiB = 0 }: ImageVersion): number =>
  regions.reduce((sum, { replicas }) => sum + replicas * sizeGiB, 0);

const gigabytes = (all: readonly Judged[]): number =>
  all.reduce((sum, { version }) => sum + gigabytesOf(version), 0);

/** Until when what is deleted now can be brought back; `undefined` when Azure does not show it. */
function recoverableUntil({ recoverable, now }: PruneTerms): string | undefined {
  if (recoverable?.days === undefined) return undefined;
  return dayOf(new Date(now.getTime() + recoverable.days * 24 * 3600 * 1000));
}

/** The outputs of a prune, as action.yml documents them. */
export function pruneOutputs(pruning: Pruning, dryRun: boolean) {
  const deleted = deletedOf(pruning);
  const kept = keptOf(pruning, dryRun);
  const until = recoverableUntil(pruning.terms);
  return {
    'deleted-versions': {
      count: deleted.length,
      gigabytes: gigabytes(deleted),
      ...(until && { recoverableUntil: until }),
      versions: deleted.slice(0, MOST_LISTED).map(({ version, reason }) => ({
        version: version.name,
        reason,
        ...(version.published && { published: version.published.toISOString() }),
      })),
    },
    'kept-versions': {
      count: kept.length,
      byReason: byReason(kept),
      versions: kept.slice(0, MOST_LISTED).map(({ version, reason, detail }) => ({
        version: version.name,
        reason,
        ...(detail && { detail }),
      })),
    },
  };
}

/** What no list shows, and so keeps nothing. */
const UNSEEN =
  'What cannot be seen: users in other tenants and in subscriptions that were not named, users by community or direct sharing, and what will create VMs later, such as Azure Virtual Desktop, Batch, Dev Box, VM Image Builder and Managed DevOps Pools.';

/** The section of the job summary. */
export function pruneSummary(pruning: Pruning, dryRun: boolean): string {
  const { terms, versions: judged } = pruning;
  const gone = dryRun ? chosenOf(pruning) : deletedOf(pruning);
  const kept = keptOf(pruning, dryRun);
  const until = recoverableUntil(terms);
  const verb = dryRun ? 'To be deleted' : 'Deleted';
  const facts = joined('\n- ', [
    `${verb}: ${gone.length} of ${counted(judged.length, 'version')}${gone.length > 0 ? `, ${gigabytes(gone)} GiB at most (replicas × size of the disks)` : ''}`,
    terms.recoverable &&
      gone.length > 0 &&
      (until
        ? `Recoverable until ${until}, by the soft-delete policy of the gallery`
        : 'Recoverable for as long as the soft-delete policy of the gallery says; Azure does not show how long'),
    `Users looked for in: ${terms.subscriptions.length > 0 ? firstOf(terms.subscriptions.map(code), MOST_LISTED) : 'no subscription'}`,
  ]);
  return joined('\n\n', [
    `#### The versions\n\n- ${facts}`,
    gone.length > 0 && versions(`${verb}: ${gone.length}`, gone),
    kept.length > 0 && reasons(kept),
    kept.length > 0 && versions(`Kept: ${kept.length}`, kept),
    UNSEEN,
  ]);
}

const reasons = (kept: readonly Judged[]): string =>
  table(
    ['Kept, because', 'Versions'],
    Object.entries(byReason(kept)).map(([reason, count]) => [
      markdown(REASONS[reason as Reason]),
      String(count),
    ]),
  );

function versions(title: string, all: readonly Judged[]): string {
  const rows = all
    .slice(0, MOST_LISTED)
    .map((each) => [
      code(each.version.name),
      each.version.published ? dayOf(each.version.published) : 'unknown',
      String(gigabytesOf(each.version)),
      markdown(describeReason(each)),
    ]);
  const more = all.length - rows.length;
  const listing = table(['Version', 'Published', 'GiB at most', 'Why'], rows);
  return folded(title, more > 0 ? `${listing}\n\n… and ${more} more.` : listing);
}
