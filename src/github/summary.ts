import type { Finding } from '../domain/finding.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import { describeStep } from '../plan/plan.ts';
import { code, duration, markdown } from './plain.ts';
import { type RunRecord, regionRows, type State, stateOf } from './record.ts';

const MARK: Record<State, string> = {
  planned: '📝',
  succeeded: '✅',
  replicating: '⏳',
  failed: '❌',
};

/** The job summary: what a release manager wants to know, as GitHub Markdown. */
export function summaryOf(record: RunRecord): string {
  return [
    heading(record),
    verdict(record),
    facts(record),
    regions(record),
    latest(record),
    steps(record),
    findings(record.findings),
    next(record),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

function heading(record: RunRecord): string {
  const { target } = record;
  const mark = MARK[stateOf(record)];
  if (!target) return `### ${mark} No image was captured`;
  const definition = parentId(target.version);
  const place = `${nameOf(parentId(definition))} / ${nameOf(definition)}`;
  return `### ${mark} Image version ${markdown(nameOf(target.version))} of ${markdown(place)}`;
}

function verdict(record: RunRecord): string {
  const { failure, changed, dryRun } = record;
  if (!failure && dryRun)
    return record.planned.length > 0
      ? 'A dry run: every check passed, nothing was changed. This is what would be done:'
      : 'A dry run: there is nothing to do.';
  if (!failure)
    return changed
      ? `${record.target?.operation === 'promote' ? 'Promoted' : 'Captured and replicated'} in ${duration(record.seconds)}.`
      : 'All was as it should be, and complete in every region; nothing was changed.';
  return [failure.what, failure.why, failure.remedy]
    .filter((text) => text !== undefined)
    .map(markdown)
    .concat(trace(failure))
    .join('<br>');
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

function facts({ target, versionKnown, snapshotIds }: RunRecord): string {
  if (!target) return '';
  const rows = [
    ['Version', versionKnown ? code(target.version) : 'not created'],
    ...(target.vm ? [['Build VM', code(target.vm)]] : []),
    ...(target.source && target.source !== target.version
      ? [['Copy of', code(target.source)]]
      : []),
    ['Home region', markdown(target.location)],
    ['In <code>latest</code>', target.excludeFromLatest ? 'no' : 'yes'],
    ...(target.endOfLife ? [['End of life', target.endOfLife.toISOString().slice(0, 10)]] : []),
    ...(snapshotIds.length > 0 ? [['Snapshots', snapshotIds.map(code).join('<br>')]] : []),
  ];
  return table(['', ''], rows);
}

function regions(record: RunRecord): string {
  const rows = regionRows(record).map((row) => [
    markdown(row.region),
    row.state === 'Completed'
      ? '✅ completed'
      : markdown(`${row.state.toLowerCase()}${row.details ? `: ${row.details}` : ''}`),
    `${row.progress} %`,
    String(row.replicas),
    markdown(row.storageAccountType ?? 'ZRS where the region has it'),
  ]);
  return rows.length > 0 ? table(['Region', 'State', 'Progress', 'Replicas', 'Storage'], rows) : '';
}

/** What deployments that ask for `latest` get, where that was looked at. */
function latest({ latestBefore = {}, latestAfter = {} }: RunRecord): string {
  const names = Object.keys({ ...latestBefore, ...latestAfter });
  if (names.length === 0) return '';
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

function steps({ planned, steps: done }: RunRecord): string {
  const all = [
    ...done.map(({ step, outcome, seconds }) => ({
      step,
      took: `${outcome === 'failed' ? '❌ after ' : ''}${duration(seconds)}`,
    })),
    ...planned
      .filter(({ id }) => !done.some(({ step }) => step.id === id))
      .map((step) => ({ step, took: 'not done' })),
  ];
  if (all.length === 0) return '';
  return table(
    ['Step', 'Usually', 'Took'],
    all.map(({ step, took }) => [
      markdown(describeStep(step)) + (step.irreversible ? ' (cannot be undone)' : ''),
      duration(step.expectedSeconds),
      took,
    ]),
  );
}

function findings(all: readonly Finding[]): string {
  if (all.length === 0) return '';
  const lines = all.map(
    ({ severity, rule, message, remedy }) =>
      `- **${severity}** (${code(rule)}): ${markdown(message)} ${markdown(remedy)}`,
  );
  return ['#### Checked beforehand', ...lines].join('\n');
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
