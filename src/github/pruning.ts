import { gigabytesOf } from '../domain/served.ts';
import { describeReason, type Judged, REASONS, type Reason } from '../plan/prune-judgement.ts';
import type { PruneTerms } from '../run/ports.ts';
import { code, folded, markdown, table } from './plain.ts';

/** What is known of a prune: its judgement, and what came of it so far. */
export interface Pruning {
  readonly judged: readonly Judged[];
  readonly terms: PruneTerms;
  /** Resource IDs of versions that this run deleted. */
  readonly deleted: ReadonlySet<string>;
  /** Why versions stay that were to go, by resource ID. */
  readonly spared: ReadonlyMap<string, Pick<Judged, 'reason' | 'detail'>>;
}

/** What is known of a prune that ended before it had judged any version. */
export const NOT_JUDGED: Pruning = {
  judged: [],
  terms: { subscriptions: [], now: new Date(0) },
  deleted: new Set(),
  spared: new Map(),
};

/** With what became of one version. What something else deleted is neither deleted here nor kept. */
export function withEnd(
  pruning: Pruning,
  id: string,
  instead?: Pick<Judged, 'reason' | 'detail'> | 'gone',
): Pruning {
  const { judged, deleted, spared } = pruning;
  if (!instead) return { ...pruning, deleted: new Set(deleted).add(id) };
  return instead === 'gone'
    ? { ...pruning, judged: judged.filter(({ version }) => version.id !== id) }
    : { ...pruning, spared: new Map(spared).set(id, instead) };
}

/** Versions that outputs and summary list; more are counted. */
const MOST_LISTED = 50;

/** What a run is to delete, Azure permitting; oldest first. */
export const chosenOf = ({ judged, spared }: Pruning): Judged[] =>
  judged.filter(({ decision, version: { id } }) => {
    const { reason = 'refused' } = spared.get(id) ?? {};
    return decision === 'delete' && reason === 'refused';
  });

const deletedOf = ({ judged, deleted }: Pruning): Judged[] =>
  judged.filter(({ version }) => deleted.has(version.id));

/** What stays, with why; of a dry run without what is to go. */
function keptOf({ judged, deleted, spared }: Pruning, dryRun: boolean): Judged[] {
  return judged.flatMap((each) => {
    if (deleted.has(each.version.id)) return [];
    if (each.decision === 'keep') return [each];
    if (dryRun) return [];
    const why = spared.get(each.version.id) ?? { reason: 'not-reached' as const, detail: '' };
    return [{ ...each, decision: 'keep', ...why }];
  });
}

const byReason = (all: readonly Judged[]): Readonly<Partial<Record<Reason, number>>> =>
  Object.fromEntries(
    [...Map.groupBy(all, ({ reason }) => reason)].map(([reason, { length }]) => [reason, length]),
  );

const gigabytes = (all: readonly Judged[]): number =>
  all.reduce((sum, { version }) => sum + gigabytesOf(version), 0);

/** Until when what is deleted now can be brought back; `undefined` when Azure does not show it. */
function recoverableUntil({ recoverable, now }: PruneTerms): string | undefined {
  if (recoverable?.days === undefined) return undefined;
  return new Date(now.getTime() + recoverable.days * 24 * 3600 * 1000).toISOString().slice(0, 10);
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
  'What cannot be seen: users in other tenants and in subscriptions that were not named, users by community or direct sharing, and configurations of Azure Virtual Desktop, Batch and Dev Box.';

/** The section of the job summary. */
export function pruneSummary(pruning: Pruning, dryRun: boolean): string {
  const { terms, judged } = pruning;
  const gone = dryRun ? chosenOf(pruning) : deletedOf(pruning);
  const kept = keptOf(pruning, dryRun);
  const until = recoverableUntil(terms);
  const verb = dryRun ? 'To be deleted' : 'Deleted';
  const facts = [
    `${verb}: ${gone.length} of ${judged.length} versions, ${gigabytes(gone)} GB at most (replicas × size of the disks)`,
    ...(terms.recoverable && gone.length > 0
      ? [
          until
            ? `Recoverable until ${until}, by the soft-delete policy of the gallery`
            : 'Recoverable for as long as the soft-delete policy of the gallery says; Azure does not show how long',
        ]
      : []),
    `Users looked for in: ${terms.subscriptions.length > 0 ? listed(terms.subscriptions.map(code)) : 'no subscription'}`,
  ];
  return [
    ['#### The versions', '', ...facts.map((fact) => `- ${fact}`)].join('\n'),
    gone.length > 0 ? versions(`${verb}: ${gone.length}`, gone) : '',
    kept.length > 0 ? reasons(kept) : '',
    kept.length > 0 ? versions(`Kept: ${kept.length}`, kept) : '',
    UNSEEN,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const listed = (all: readonly string[]): string =>
  `${all.slice(0, MOST_LISTED).join(', ')}${all.length > MOST_LISTED ? ` and ${all.length - MOST_LISTED} more` : ''}`;

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
      each.version.published?.toISOString().slice(0, 10) ?? 'unknown',
      String(gigabytesOf(each.version)),
      markdown(describeReason(each)),
    ]);
  const more = all.length - rows.length;
  const listing = table(['Version', 'Published', 'GB at most', 'Why'], rows);
  return folded(title, more > 0 ? `${listing}\n\n… and ${more} more.` : listing);
}
