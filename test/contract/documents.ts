import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the repository, by its path from the root. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Files below a folder of the repository whose names end so; paths from the root. */
export const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));

/** The code blocks of one language in a Markdown text, indented ones included. */
export const fences = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)]
    .filter(([, , found]) => found === language)
    .map(([, , , content = '']) => content);

/** A section of a Markdown text: what stands between its heading and the next of the same level. */
export function section(markdown: string, heading: string): string {
  const [, content] = markdown.split(`\n## ${heading}\n`);
  if (content === undefined) throw new Error(`There is no section ${heading}`);
  return content.split('\n## ', 1)[0] ?? '';
}
