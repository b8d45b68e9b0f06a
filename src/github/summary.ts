import type { Finding, Severity, Unchecked } from '../domain/finding.ts';
import type { TargetRegion } from '../domain/regions.ts';
import { describeStep, expectedTotal } from '../plan/plan.ts';
import { code, cut, duration, markdown } from './plain.ts';
import {
  byLack,
  isRefused,
  type RegionChange,
  type RunRecord,
  regionChanges,
  regionRows,
} from './record.ts';
import { verdictOf } from './verdict.ts';

/**
 * What a release manager wants to know of a run, or a reviewer of a dry run, as GitHub Markdown:
 * the job summary, and the comment on the pull request.
 */
export function summaryOf(record: RunRecord): string {
  return [
    heading(record),
    verdict(record),
    findings(record.findings),
    facts(record),
    record.versionKnown ? replication(record) : regions(record),
    latest(record),
    steps(record),
    unchecked(record.unchecked),
    next(record),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

/** GitHub's limit of a step's summary: 1 MiB ("Workflow commands", job summaries). */
const LARGEST_SUMMARY = 1024 * 1024;
const CUT = '\n\n… and more: the log has all of it.\n';

/** A summary that GitHub takes: of one that is too long, the lines from the top that fit. */
export function fittedSummary(summary: string): string {
  const bytes = Buffer.from(summary);
  if (bytes.length <= LARGEST_SUMMARY) return summary;
  const end = bytes.lastIndexOf('\n', LARGEST_SUMMARY - CUT.length * 2);
  return `${bytes.subarray(0, Math.max(0, end)).toString('utf8')}${CUT}`;
}

/** Private to a failure's remedy while it is rendered. */
const NEXT = '\ue001';

/** Characters of one text from outside, and how many findings are shown. */
const LONGEST_TEXT = 2_000;
const MOST_FINDINGS = 50;

/** A text from outside, cut to what a person may want to read here. */
const shownText = (text: string): string => markdown(cut(text, LONGEST_TEXT));

function heading(record: RunRecord): string {
  const { mark, headline } = verdictOf(record);
  return `### ${mark} ${markdown(headline)}`;
}

function verdict(record: RunRecord): string {
  const { failure } = record;
  const more = markdown(verdictOf(record).more);
  if (!failure || isRefused(record)) return more;
  const said = [failure.what, failure.why, ...(failure.remedy ? [`${NEXT}${failure.remedy}`] : [])];
  return said
    .filter((text) => text !== undefined)
    .flatMap((text) => text.split(/[\r\n]+/))
    .map((line) => (line.startsWith('- ') ? `- ${shownText(line.slice(2))}` : shownText(line)))
    .map((line) => line.replace(NEXT, '**Do this next:** '))
    .concat(trace(failure))
    .reduce((text, line) => (text ? `${text}${separator(text, line)}${line}` : line), more);
}

/** Lines of a paragraph, but for items of a list, which stand by themselves. */
function separator(text: string, line: string): string {
  const afterItem = /(^|\n)- [^\n]*$/.test(text);
  if (line.startsWith('- ')) return afterItem ? '\n' : '\n\n';
  return afterItem ? '\n\n' : '<br>';
}

function trace({
  code: azureCode,
  correlationId,
}: {
  code?: string | undefined;
  correlationId?: string | undefined;
}) {
  return [
    ...(azureCode ? [`Azure's code: ${code(azureCode)}`] : []),
    ...(correlationId ? [`Correlation id: ${code(correlationId)}`] : []),
  ];
}

const SIGN: Readonly<Record<Severity, string>> = { error: '❌', warning: '⚠️', notice: 'ℹ️' };

function findings(all: readonly Finding[]): string {
  if (all.length === 0) return '';
  const items = all
    .slice(0, MOST_FINDINGS)
    .map(
      ({ severity, rule, message, remedy }) =>
        `- ${SIGN[severity]} ${shownText(message)} (${severity}, ${code(rule)})<br>**What to do:** ${shownText(remedy)}`,
    );
  const more = all.length - items.length;
  const rest = more > 0 ? [`- … and ${more} more: the log and the output \`plan\` have them.`] : [];
  return ['#### Found beforehand', '', ...items, ...rest].join('\n');
}

function facts(record: RunRecord): string {
  const { target, dryRun, versionKnown, snapshotIds } = record;
  if (!target) return '';
  const wasThere = isRefused(record) && record.before.length > 0;
  const rows = [
    ['Version', versionKnown || dryRun || wasThere ? code(target.version) : 'not created'],
    ...(target.vm ? [['Build VM', code(target.vm)]] : []),
    ...(target.source && target.source !== target.version
      ? [['Copy of', code(target.source)]]
      : []),
    ['Home region', markdown(target.location || 'the region of the build VM')],
    ...(versionKnown || dryRun
      ? [['In <code>latest</code>', target.excludeFromLatest ? 'no' : 'yes']]
      : []),
    ...(target.endOfLife ? [['End of life', target.endOfLife.toISOString().slice(0, 10)]] : []),
    ...(snapshotIds.length > 0 ? [['Snapshots', snapshotIds.map(code).join(', ')]] : []),
  ];
  // Not a table: a resource ID in one pushes everything else out of sight.
  const lines = rows.map(([name, value]) => `- ${name}: ${value}`);
  return ['#### The version', '', ...lines].join('\n');
}

/** How far each region has come, once there is a version. */
function replication(record: RunRecord): string {
  const changes = regionChanges(record);
  const rows = regionRows(record).map((row) => {
    const was = changes.find(({ name }) => name === row.region)?.before;
    const replicas = String(row.replicas);
    const name = markdown(row.region);
    return [
      `${row.state === 'Failed' ? `**${name}**` : name}${row.region === record.target?.location ? ' (home)' : ''}`,
      regionState(row),
      was && was.replicas !== row.replicas ? `${was.replicas} → ${replicas}` : replicas,
      markdown(row.storageAccountType ?? LEFT_TO_AZURE),
    ];
  });
  return rows.length > 0 ? table(['Region', 'State', 'Replicas', 'Storage'], rows) : '';
}

function regionState({ state, progress, details }: ReturnType<typeof regionRows>[number]): string {
  switch (state) {
    case 'Completed':
      return '✅ Completed';
    case 'Failed':
      return `❌ **Failed**${details ? `: Azure says: ${shownText(details)}` : ''}`;
    case 'Replicating':
      return `⏳ Replicating, ${progress} %`;
    case 'Unknown':
      return details ? `❌ **Missing**: ${shownText(details)}` : '⏳ Not started';
  }
}

/** What deployments that ask for `latest` get, once both sides of the run are known. */
function latest({ latestBefore = {}, latestAfter }: RunRecord): string {
  if (!latestAfter) return '';
  const names = Object.keys({ ...latestBefore, ...latestAfter });
  const shown = (number: string | null | undefined) => (number ? code(number) : 'none');
  return table(
    ['Region', '<code>latest</code> before', '<code>latest</code> after'],
    names.map((name) => [
      markdown(name),
      shown(latestBefore[name]),
      `${shown(latestAfter[name])}${latestBefore[name] === latestAfter[name] ? '' : ' ⬅'}`,
    ]),
  );
}

/** What a run makes of the regions, as long as there is nothing to show of it. */
function regions(record: RunRecord): string {
  const { target } = record;
  if (!target || isRefused(record)) return '';
  const shown = (region: TargetRegion | undefined) =>
    region
      ? `${region.replicas} × ${markdown(region.storageAccountType ?? target.storageAccountType ?? LEFT_TO_AZURE)}`
      : '–';
  const row = ({ name, before, after }: RegionChange) => [
    markdown(name),
    shown(before),
    after ? shown(after) : 'removed',
  ];
  const rows = regionChanges(record).map(row);
  const open = target.location ? [] : [['the region of the build VM', '–', 'always included']];
  return table(['Region', 'Before', 'After: replicas × storage'], [...rows, ...open]);
}

const LEFT_TO_AZURE = 'ZRS where the region has it';

const ENDED = { done: '', failed: '❌ after ', interrupted: '⏳ interrupted after ' } as const;

function steps(record: RunRecord): string {
  const { planned, steps: done, dryRun } = record;
  const waiting = planned.filter(({ id }) => !done.some(({ step }) => step.id === id));
  const all = [
    ...done.map(({ step, outcome, seconds }) => ({
      step,
      took: `${ENDED[outcome]}${duration(seconds)}`,
    })),
    ...waiting.map((step) => ({ step, took: 'not started' })),
  ];
  if (all.length === 0 || isRefused(record)) return '';
  const total = duration(expectedTotal(dryRun ? planned : all.map(({ step }) => step)));
  const rows = all.map(({ step, took }) => [
    markdown(describeStep(step)) + (step.irreversible ? ' (⚠️ irreversible)' : ''),
    duration(step.expectedSeconds),
    took,
  ]);
  const whole = ['**Total**', `**${total}**`, `**${duration(record.seconds)}**`];
  const columns = dryRun ? 2 : 3;
  const final = all.filter(({ step }) => step.irreversible).length;
  const title = dryRun
    ? `Plan: ${all.length} steps, typically ${total}${final > 0 ? `, ${final} irreversible` : ''}`
    : `Steps: ${duration(record.seconds)}, typically ${total}`;
  return folded(
    title,
    table(
      ['Step', 'Typical', 'Took'].slice(0, columns),
      [...rows, whole].map((row) => row.slice(0, columns)),
    ),
  );
}

const folded = (title: string, text: string): string =>
  `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;

function unchecked(all: readonly Unchecked[]): string {
  const lines = byLack(all).map(
    ({ lacks, rules }) => `- without ${markdown(lacks)}: ${rules.map(code).join(', ')}`,
  );
  return lines.length > 0 ? ['#### Not checked', '', ...lines].join('\n') : '';
}

function next(record: RunRecord): string {
  const { target } = record;
  if (!target || record.failure || record.dryRun) return '';
  const { version } = target;
  const lines = [
    `Deploy exactly this version: give ${code('image-version-id')} on to the deploy job, as the image reference of a scale set, a VM or a node pool.`,
    ...(target.excludeFromLatest
      ? [
          `It is excluded from <code>latest</code>. Once it has proved itself: ${code(`az resource update --ids ${version} --set properties.publishingProfile.excludeFromLatest=false`)}`,
        ]
      : []),
    ...(record.snapshotIds.length > 0
      ? [
          'The snapshots hold the disks as they were before the change; delete them when they are no longer needed.',
        ]
      : []),
  ];
  return ['#### What next', ...lines.map((line) => `- ${line}`)].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
