/** docs/preflight.md, from the rules themselves. */
import { NEEDS } from '../src/domain/finding.ts';
import type { Checked } from '../src/plan/preflight/context.ts';
import type { AzureAnswer, Rule, Rules } from '../src/plan/preflight/rule.ts';
import { markdownTable } from './tables.ts';

/** What the page needs of a rule. */
type Told = Rule<never> & { readonly id: string };

type Chapters = Readonly<Record<string, Rules<never>>>;

const rulesIn = (rules: Rules<never>): Told[] =>
  Object.entries(rules).map(([id, rule]) => ({ ...rule, id }));

const allIn = (chapters: Chapters): Told[] => Object.values(chapters).flatMap(rulesIn);

/**
 * The page as Markdown, as Biome formats it.
 *
 * @param chapters the rules of each operation by the title of their chapter, in reading order; a rule of
 * several operations is told of where it comes first
 */
export function preflightDoc({
  capture,
  promote,
  verify,
  prune,
  restore,
}: Readonly<Record<Checked, Chapters>>): string {
  const told = new Set(allIn(capture).map(textOf));
  const isNew = (rule: Told) => !told.has(textOf(rule));
  const own = allIn(promote).filter(isNew);
  const ofOthers = [verify, prune, restore].flatMap((each) => allIn(each).filter(isNew));
  const all = [...allIn(capture), ...own, ...ofOthers];
  const errors = all.filter(({ severity }) => severity === 'error').length;
  const shared = count(promote) - own.length;
  return [
    '# Preflight checks',
    `Before the first change to Azure, ${all.length} rules look at what is there and what is asked for: ${count(capture)} at a capture, ${count(promote)} at a promotion, ${shared} of them the same, ${count(verify)} at a verification, ${count(prune)} at a prune, and ${count(restore)} at a restore. All findings come at once. An error (${errors} of the rules) stops the run with nothing changed; a warning or a notice does not. With \`dry-run: true\` this is all that happens.`,
    'Each finding names its rule, which this page lists: when it applies, what Azure itself says if it is left to find out (`…` stands for names and numbers), what to do, and which facts it looks at. A rule is listed as not checked if Azure does not show its facts. That happens when the VM is not built yet on a dry run, or when the identity lacks permission to read locks, permissions or providers. `policy-denies` is left out where Azure Policy is not asked, and where it does not answer.',
    'This page is written by `npm run docs` from `src/plan/preflight/`.',
    ...part('Capture', capture, '', () => true),
    ...part('Promotion', promote, ' in a promotion', isNew),
    ...part('Verification', verify, ' in a verification', isNew),
    ...part('Prune', prune, ' in a prune', isNew),
    ...part('Restore', restore, ' in a restore', isNew),
  ]
    .join('\n\n')
    .concat('\n');
}

const count = (chapters: Chapters): number => allIn(chapters).length;

/** All that is told of a rule, by which the same one is known again. */
const textOf = (rule: Told): string => JSON.stringify(rule);

/**
 * @param suffix of each heading, since a rule of another operation may have the same name
 * @param isNew whether a rule has not been told of in an earlier part
 */
const part = (
  operation: string,
  chapters: Chapters,
  suffix: string,
  isNew: (rule: Told) => boolean,
): string[] =>
  Object.entries(chapters).flatMap(([title, chapter]) => {
    const rules = rulesIn(chapter);
    return [
      `## ${operation}: ${title}`,
      overview(rules, (rule) => (isNew(rule) ? suffix : '')),
      ...rules.filter(isNew).flatMap((rule) => section(rule, suffix)),
    ];
  });

function overview(rules: readonly Told[], suffixOf: (rule: Told) => string): string {
  return markdownTable([
    ['Rule', 'Severity', 'Applies when'],
    ...rules.map((rule) => [
      `[\`${rule.id}\`](#${rule.id}${suffixOf(rule).replaceAll(' ', '-')})`,
      severityOf(rule),
      rule.when.replaceAll('|', '\\|'),
    ]),
  ]);
}

const severityOf = ({ severity, dryRunSeverity }: Told): string =>
  dryRunSeverity ? `${severity}; on a dry run ${dryRunSeverity}` : severity;

function section(rule: Told, suffix: string): string[] {
  const needs = (rule.needs ?? []).map((need) => NEEDS[need].what).join(', ');
  return [
    `### \`${rule.id}\`${suffix}`,
    `Applies when ${rule.when}. Severity: ${severityOf(rule)}.`,
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
