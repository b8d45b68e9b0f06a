/** docs/inputs.md and docs/outputs.md, from action.yml. */
import { isMap, isScalar, parse, parseDocument } from 'yaml';
import { between, markdownTable } from './tables.ts';

/** What the pages need of action.yml. */
export interface Manifest {
  readonly inputs: Readonly<Record<string, Entry>>;
  readonly outputs: Readonly<Record<string, Entry>>;
}

interface Entry {
  readonly description: string;
  readonly default?: string;
}

/** Inputs under one heading, by name. */
export interface Group {
  readonly title: string;
  readonly inputs: readonly string[];
}

/**
 * The groups of inputs: each begins with a comment in action.yml, `# Title`.
 *
 * Throws when the first input has none.
 */
export function groupsOf(actionYml: string): readonly Group[] {
  const inputs = parseDocument(actionYml).get('inputs');
  if (!isMap(inputs)) throw new Error('action.yml has no inputs');
  const groups: { title: string; inputs: string[] }[] = [];
  for (const { key } of inputs.items) {
    if (!isScalar(key)) continue;
    const title = key.commentBefore?.trim() ?? (groups.length === 0 ? inputs.commentBefore : '');
    if (title) groups.push({ title: title.trim(), inputs: [] });
    const group = groups.at(-1);
    if (!group) throw new Error('The inputs of action.yml begin without a comment for their group');
    group.inputs.push(String(key.value));
  }
  return groups;
}

/**
 * docs/inputs.md with the inputs as action.yml has them; the rest as it was.
 *
 * @param page text with `<!-- inputs -->` … `<!-- /inputs -->`
 * @param usedBy the operations that use each input
 */
export function withInputs(
  page: string,
  actionYml: string,
  usedBy: Readonly<Record<string, readonly string[]>>,
): string {
  const { inputs } = parse(actionYml) as Manifest;
  const every = new Set(Object.values(usedBy).flat()).size;
  const sections = groupsOf(actionYml).flatMap((group) => [
    `## ${group.title}`,
    ...group.inputs.map((name) => {
      const operations = usedBy[name] ?? [];
      return inputSection(name, inputs[name], operations.length < every ? operations : []);
    }),
  ]);
  return between(page, 'inputs', sections.join('\n\n'));
}

/** @param operations those that use it; empty when all do */
function inputSection(name: string, entry: Entry | undefined, operations: readonly string[]) {
  if (!entry) throw new Error(`action.yml does not describe ${name}`);
  const { meaning, facts } = split(entry.description);
  const fallback = entry.default === undefined ? facts.Default : `\`${entry.default}\``;
  const lines = [
    operations.length > 0 && `**Used by:** ${operations.map((each) => `\`${each}\``).join(', ')}`,
    `**Required:** ${facts.Required ?? 'no'}`,
    fallback && `**Default:** ${fallback}`,
    facts.Example && `**Example:** ${facts.Example}`,
  ];
  return [`### \`${name}\``, meaning, lines.filter(Boolean).join('<br>\n')].join('\n\n');
}

/** A code span, or any character that does not end a sentence. */
const CLAUSE = '((?:`[^`]*`|[^`.])+)';

/** What a description says in sentences of a fixed form, apart from the rest. */
function split(description: string) {
  let meaning = description.trim().replace(/\s+/g, ' ');
  const facts: { Required?: string; Default?: string; Example?: string } = {};
  const take = (sentence: string) => {
    const found = new RegExp(`(?:^|(?<=[.!?] ))${sentence}\\.(?: |$)`).exec(meaning);
    if (found) meaning = meaning.replace(found[0], '').trim();
    return found?.[1];
  };
  const needed = take(`Required ${CLAUSE}`);
  if (needed) facts.Required = needed;
  const unless = take(`Not needed when ${CLAUSE}`);
  if (unless) facts.Required = `yes, unless ${unless}`;
  const fallback = take(`Default: ${CLAUSE}`);
  if (fallback) facts.Default = fallback;
  const example = take(`Example: ${CLAUSE}`);
  if (example) facts.Example = example;
  return { meaning, facts };
}

/** docs/outputs.md with the outputs as action.yml has them; the rest as it was. */
export function withOutputs(page: string, actionYml: string): string {
  const { outputs } = parse(actionYml) as Manifest;
  const rows = Object.entries(outputs).map(([name, { description }]) => [
    `\`${name}\``,
    description,
  ]);
  return between(page, 'outputs', markdownTable([['Output', 'Meaning'], ...rows]));
}
