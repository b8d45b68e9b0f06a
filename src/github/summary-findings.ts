import type { Finding, Severity } from '../domain/finding.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import { counted, joined } from '../domain/words.ts';
import { block, code, folded, markdown, shownText, table } from './plain.ts';
import { byLack, type RunRecord } from './record.ts';

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
