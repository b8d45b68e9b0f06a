import type { Finding, Severity } from '../domain/finding.ts';
import {
  DEFAULT_REPLICAS,
  isAmong,
  normaliseRegion,
  regionOf,
  sameRegion,
  type TargetRegion,
} from '../domain/regions.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import { describeStep, expectedTotal } from '../plan/plan.ts';
import { regionRows } from './outputs.ts';
import {
  block,
  code,
  counted,
  duration,
  folded,
  joined,
  link,
  markdown,
  shownText,
  table,
} from './plain.ts';
import { aboutOf, byLack, isRefused, type RunRecord } from './record.ts';

/* The tables of the job summary: findings, regions, disks and steps. */

/** How many findings are shown. */
const MOST_FINDINGS = 50;

/** What the checks found: errors and warnings to see at once, notices to open. */
export function findingsOf(record: RunRecord): string {
  const of = (severity: Severity) => record.findings.filter((each) => each.severity === severity);
  const errors = of('error');
  const misfits = errors.filter(({ mismatch }) => mismatch);
  const others = errors.filter(({ mismatch }) => !mismatch);
  const [warnings, notices] = [of('warning'), of('notice')];
  return joined('\n\n', [
    others.length > 0 && findingTable('Problem', others),
    misfits.length > 0 && misfitTable(record, misfits),
    warnings.length > 0 && findingTable('⚠️ Warning', warnings),
    notices.length > 0 &&
      folded(counted(notices.length, 'notice'), findingTable('Notice', notices)),
    errors.length === 0 && uncheckedOf(record),
  ]);
}

/**
 * A long path in a cell is broken after a slash, or it pushes the next column out of sight. GitHub keeps
 * `<wbr>` (gjtorikian/html-pipeline, SanitizationFilter).
 */
const breakable = (cell: string): string =>
  cell.replace(/<code>[^<]{40,}<\/code>/g, (path) => path.replace(/(?<=\w\/)(?=\w)/g, '<wbr>'));

function findingTable(title: string, all: readonly Finding[]): string {
  const rows = all
    .slice(0, MOST_FINDINGS)
    .map(({ message, remedy, rule }) => [
      breakable(`${shownText(message)} (${code(rule)})`),
      breakable(shownText(remedy)),
    ]);
  const more = all.length - rows.length;
  const rest = more > 0 ? [[`… and ${more} more`, 'The log and the output `plan` have them.']] : [];
  return table([title, 'What to do'], [...rows, ...rest]);
}

/** All that does not fit in one table, and the one command that creates what fits. */
function misfitTable({ target, shown }: RunRecord, misfits: readonly Finding[]): string {
  const pairs = misfits.flatMap(({ mismatch }) => mismatch ?? []);
  const definition = target ? nameOf(parentId(target.version)) : 'definition';
  const vm = target?.vm ? nameOf(target.vm) : 'VM';
  const row = ({ property, ...of }: NonNullable<Finding['mismatch']>) => [
    property,
    markdown(of.definition),
    `**${markdown(of.vm)}**`,
  ];
  const wanted = pairs.map((pair) => `${pair.property} \`${pair.definition}\``).join(', ');
  return [
    `**The image definition ${code(definition)} does not fit the VM**`,
    table(['', `Definition ${code(definition)}`, `VM ${code(vm)}`], pairs.map(row)),
    markdown(
      `A definition cannot change these properties. Create one that fits, and give it as \`image-definition\`. Or build the VM again to fit this definition: ${wanted}.`,
    ),
    ...(shown.fittingDefinition ? [block(shown.fittingDefinition, 'sh')] : []),
    folded(
      'The findings',
      misfits
        .map(
          ({ message, remedy, rule }) =>
            `- ${shownText(message)} (${code(rule)})<br>${shownText(remedy)}`,
        )
        .join('\n'),
    ),
  ].join('\n\n');
}

/** How many rules could not be checked, and why; which ones, to open. */
function uncheckedOf({ unchecked }: RunRecord): string {
  if (unchecked.length === 0) return '';
  const lines = byLack(unchecked).map(
    ({ lacks, rules }) => `- ${markdown(lacks)}: ${rules.map(code).join(', ')}`,
  );
  return folded(`${counted(unchecked.length, 'rule')} not checked`, lines.join('\n'));
}

/** The regions: how far each has come once there is a version, else what a run makes of them. */
export const regionsOf = (record: RunRecord): string =>
  ['definition', 'vm'].includes(aboutOf(record))
    ? ''
    : joined('\n\n', [record.versionKnown ? replication(record) : changes(record), latest(record)]);

function replication(record: RunRecord): string {
  const before = regionChanges(record);
  const rows = regionRows(record).map((row) => {
    const was = before.find(({ name }) => name === row.region)?.before;
    const replicas = String(row.replicas);
    const name = markdown(row.region);
    return [
      `${row.state === 'Failed' ? `**${name}**` : name}${row.region === record.target?.location ? ' (home)' : ''}`,
      stateOf(row),
      was && was.replicas !== row.replicas ? `${was.replicas} → ${replicas}` : replicas,
      row.storageAccountType ?? usualStorage(record, row.region),
    ];
  });
  return rows.length > 0 ? table(['Region', 'State', 'Replicas', 'Storage'], rows) : '';
}

function stateOf({ state, progress, details }: ReturnType<typeof regionRows>[number]): string {
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

/**
 * The regions that the version had or is to have, in the order of the result; `before` and `after`
 * are `undefined` where it is not.
 */
function regionChanges({ target, before, planned }: RunRecord) {
  if (!target) return [];
  const removed = planned.flatMap((step) => (step.do === 'update' ? step.change.remove : []));
  const others = before.filter(({ name }) => !isAmong(name, target.regions));
  return [...target.regions, ...others].map(({ name }) => {
    const was = regionOf(before, name);
    const wanted = regionOf(target.regions, name);
    const goes = removed.some((each) => sameRegion(each, name));
    return {
      name: normaliseRegion(name),
      before: was,
      after: goes ? undefined : { ...(was ?? { name, replicas: DEFAULT_REPLICAS }), ...wanted },
    };
  });
}

/** What a run would make of the regions; a real one that ends without a version makes nothing of them. */
function changes(record: RunRecord): string {
  const { target } = record;
  if (!target || !record.dryRun || isRefused(record)) return '';
  const shown = (region: TargetRegion | undefined) =>
    region
      ? `${region.replicas} × ${region.storageAccountType ?? target.storageAccountType ?? usualStorage(record, region.name)}`
      : '–';
  const rows = regionChanges(record).map(({ name, before, after }) => [
    markdown(name),
    shown(before),
    after ? shown(after) : 'removed',
  ]);
  const open = target.location ? [] : [['the region of the build VM', '–', 'always included']];
  return table(['Region', 'Before', 'After: replicas × storage'], [...rows, ...open]);
}

/** What Azure stores a version as that names no type: zone-redundant where the region has zones. */
function usualStorage({ shown: { zoned } }: RunRecord, region: string): string {
  if (!zoned) return 'Azure’s default';
  return zoned.includes(normaliseRegion(region)) ? 'Standard_ZRS' : 'Standard_LRS';
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

const PRICES = 'https://azure.microsoft.com/pricing/details/managed-disks/';

/**
 * What the version stores at most, and where to find the price: Azure bills each replica as a
 * snapshot, by its occupied size (Learn, "Azure Compute Gallery", billing).
 */
export function storageOf(record: RunRecord): string {
  const { sizeGiB } = record.shown;
  const replicas = regionChanges(record).reduce(
    (sum, { after }) => sum + (after?.replicas ?? 0),
    0,
  );
  if (sizeGiB === undefined || replicas === 0) return '';
  return `Storage: ${replicas} × ${sizeGiB} GiB = at most ${replicas * sizeGiB} GiB, billed as snapshots by the used size (${link('prices', PRICES)})`;
}

/** What a VM comes back from, as a table. */
export function restoredOf({ target }: RunRecord): string {
  if (!target?.disks) return '';
  const rows = target.disks.map(({ lun, snapshot, disk, replaces }) => [
    lun === undefined ? 'OS disk' : `LUN ${lun}`,
    code(nameOf(snapshot)),
    code(nameOf(disk)),
    replaces ? code(nameOf(replaces)) : '–',
  ]);
  return table(['Disk', 'Snapshot', 'New disk', 'Replaces'], rows);
}

const ENDED = { done: '', failed: '❌ after ', interrupted: '⏳ interrupted after ' } as const;

/** The steps that were done or planned, with their times; nothing of a run that was refused. */
export function stepsOf(record: RunRecord): string {
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
    ? `Plan: ${counted(all.length, 'step')}, typically ${total}${final > 0 ? `, ${final} irreversible` : ''}`
    : `Steps: ${duration(record.seconds)}, typically ${total}`;
  return folded(
    title,
    table(
      ['Step', 'Typical', 'Took'].slice(0, columns),
      [...rows, whole].map((row) => row.slice(0, columns)),
    ),
  );
}
