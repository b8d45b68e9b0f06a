import type { Difference } from './compare.ts';

/** What came of one exchange. */
export type Verdict = 'matched' | 'seeded' | 'outOfScope' | 'explained' | 'unexplained';

/** How often each verdict was given. */
export type Tally = Record<Verdict, number>;

/** A difference with the exchange it was found in; `reason` when it is explained. */
export interface Finding {
  readonly exchange: string;
  readonly difference: Difference;
  readonly reason: string | undefined;
}

/** The outcome of one scenario. */
export interface Outcome {
  readonly label: string;
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  /** One for each exchange, in order. */
  readonly verdicts: readonly Verdict[];
  /** Exchanges about galleries, disks, snapshots and VMs, for the share of them that matched. */
  readonly core: { readonly matched: number; readonly all: number };
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { matched: 0, seeded: 0, outOfScope: 0, explained: 0, unexplained: 0 };
}

const columns: readonly Verdict[] = ['matched', 'seeded', 'outOfScope', 'explained', 'unexplained'];

/** The whole report as lines; the last is the sums as JSON. */
export function reportOf(outcomes: readonly Outcome[]): string[] {
  const sums = emptyTally();
  for (const { tally } of outcomes) for (const column of columns) sums[column] += tally[column];
  const width = Math.max(8, ...outcomes.map(({ label }) => label.length));
  const row = (label: string, tally: Tally) =>
    [
      label.padEnd(width),
      ...columns.map((column) => String(tally[column]).padStart(column.length)),
    ].join('  ');
  const core = outcomes.reduce(
    (sum, outcome) => ({
      matched: sum.matched + outcome.core.matched,
      all: sum.all + outcome.core.all,
    }),
    { matched: 0, all: 0 },
  );
  const share = core.all === 0 ? 0 : (100 * core.matched) / core.all;
  return [
    ['scenario'.padEnd(width), ...columns].join('  '),
    ...outcomes.flatMap((outcome) => [
      row(outcome.label, outcome.tally),
      ...outcome.findings.map(lineOf),
    ]),
    row('sum', sums),
    `${share.toFixed(1)} % of the ${core.all} gallery, disk, snapshot and VM exchanges matched`,
    JSON.stringify(sums),
  ];
}

function lineOf({ exchange, difference, reason }: Finding): string {
  const { kind, where, recorded, local } = difference;
  const found = `  ${exchange}: ${kind} ${where}: recorded ${recorded}, local ${local}`;
  return reason === undefined ? found : `${found} (explained: ${reason})`;
}
