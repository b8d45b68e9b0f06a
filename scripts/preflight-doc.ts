/** docs/preflight.md: the rule book, from the rules themselves. */
import type { AzureAnswer, Need, Rule } from '../src/plan/preflight/rule.ts';

/** What the page needs of a rule. */
type Told = Omit<Rule<never>, 'check'>;

const NEEDS: Readonly<Record<Need, string>> = {
  vm: 'the VM',
  regions: 'the regions of the subscription',
  'encryption-sets': 'the disk encryption sets',
  locks: 'the locks',
  rights: 'the permissions',
};

/**
 * The page as Markdown, as Biome formats it.
 *
 * @param chapters rules by the title of their chapter, in reading order
 */
export function preflightDoc(chapters: Readonly<Record<string, readonly Told[]>>): string {
  const all = Object.values(chapters).flat();
  const errors = all.filter(({ severity }) => severity === 'error').length;
  return [
    '# What is checked before anything is changed',
    `Before the first change of a capture, ${all.length} rules look at the build VM, its disks, the gallery, the image definition, its versions, and the inputs. All findings come at once. An error (${errors} of the rules) stops the run with nothing changed; a warning or a notice does not. With \`dry-run: true\` this is all that happens.`,
    'Each finding names its rule, which this page lists: when it speaks, what Azure itself says if it is left to find out (`…` stands for names and numbers), what to do, and which facts it looks at. A rule whose facts Azure does not show, because the VM is not built yet on a dry run, or because the identity may not read locks, permissions or providers, is listed as not checked.',
    'This page is written by `npm run docs` from `src/plan/preflight/`.',
    ...Object.entries(chapters).flatMap(([title, rules]) => [
      `## ${title}`,
      overview(rules),
      ...rules.flatMap(section),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function overview(rules: readonly Told[]): string {
  const rows = [
    ['Rule', 'Severity', 'Speaks when'],
    ...rules.map((rule) => [
      `[\`${rule.id}\`](#${rule.id})`,
      severityOf(rule),
      rule.when.replaceAll('|', '\\|'),
    ]),
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[], fill = ' ') =>
    `| ${row.map((cell, column) => cell.padEnd(width(column), fill)).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(['', '', ''], '-'), ...rest.map((row) => line(row))].join('\n');
}

const severityOf = ({ severity, dryRunSeverity }: Told): string =>
  dryRunSeverity ? `${severity}; on a dry run ${dryRunSeverity}` : severity;

function section(rule: Told): string[] {
  const needs = (rule.needs ?? []).map((need) => NEEDS[need]).join(', ');
  return [
    `### \`${rule.id}\``,
    `Speaks when ${rule.when}. Severity: ${severityOf(rule)}.`,
    azureLine(rule.azure),
    `**What to do:** ${rule.remedy}`,
    `**Looks at:** ${rule.looksAt.join('; ')}.${needs ? ` Not checked without ${needs}.` : ''}`,
  ];
}

function azureLine(azure: AzureAnswer): string {
  if ('says' in azure) return `**Azure says:** \`${azure.says}\``;
  if ('refuses' in azure) return `**Azure refuses;** its words are not known. ${azure.refuses}`;
  return `**Azure does not refuse, as far as is known.** ${azure.accepts}`;
}
