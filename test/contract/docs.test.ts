import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withInputs, withOutputs } from '../../scripts/inputs-doc.ts';
import { preflightDoc } from '../../scripts/preflight-doc.ts';
import { CHAPTERS } from '../../src/plan/preflight/chapters.ts';
import { filesBelow, read } from './documents.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const documents = [
  ...globSync('*.md', { cwd: ROOT }),
  ...globSync('docs/**/*.md', { cwd: ROOT }),
  'local-azure/README.md',
  'local-azure/CONTRIBUTING.md',
].sort();

describe('README.md', () => {
  it('is short enough to be read to its end', () => {
    expect(statSync(join(ROOT, 'README.md')).size).toBeLessThanOrEqual(18_000);
  });

  it('names every page below docs/', () => {
    const readme = read('README.md');
    const pages = filesBelow('docs', '.md');
    expect(pages.filter((page) => !readme.includes(`](${page}`))).toEqual([]);
  });
});

describe('pages written from the code (mend with `npm run docs`)', () => {
  it('docs/inputs.md has the inputs', () => {
    const page = read('docs/inputs.md');
    expect(page).toBe(withInputs(page));
  });

  it('docs/outputs.md has the outputs of action.yml', () => {
    const page = read('docs/outputs.md');
    expect(page).toBe(withOutputs(page, read('action.yml')));
  });

  it('docs/preflight.md has the rules', () => {
    expect(read('docs/preflight.md')).toBe(preflightDoc(CHAPTERS));
  });
});

describe('docs/troubleshooting.md', () => {
  it('quotes messages that the code can give', () => {
    const sources = filesBelow('src', '.ts').map(read).join('\n');
    const rows = read('docs/troubleshooting.md').matchAll(/^\| (`.+?) \|/gm);
    const quoted = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)]);
    const pieces = quoted.flatMap(([, text = '']) => text.split('…').map((piece) => piece.trim()));
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.filter((piece) => !isSaid(piece, sources))).toEqual([]);
  });
});

/** Fragments too short to tell anything are passed; AADSTS numbers come from a table of the code. */
const isSaid = (piece: string, sources: string): boolean =>
  piece.length < 8 || /AADSTS/.test(piece) || sources.includes(piece);

describe('docs/glossary.md', () => {
  it('has at most 25 terms, each once', () => {
    const rows = [...read('docs/glossary.md').matchAll(/^\| ([^|]+) \|/gm)].slice(2);
    const terms = rows.map(([, term = '']) => term.toLowerCase());
    expect(terms.length).toBeGreaterThan(15);
    expect(terms.length).toBeLessThanOrEqual(25);
    expect(new Set(terms).size).toBe(terms.length);
  });
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('leads to files and headings that exist', () => {
    const targets = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target]) => target);
    expect(targets.filter((target = '') => !leadsSomewhere(path, target))).toEqual([]);
  });

  it('names files of the repository that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|scripts|docs|examples)\/[\w./-]+)`/g)];
    const paths = named.map(([, name = '']) => name);
    expect(paths.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it('has no padded table, in which one change touches every line', () => {
    const padded = text.split('\n').filter((line) => /^\|.*(?:\S {3,}\||-{4,})/.test(line));
    expect(padded).toEqual([]);
  });
});

/** @param target as in a link: a path beside the page, a heading, or both */
function leadsSomewhere(page: string, target: string): boolean {
  const [beside = '', anchor] = target.split('#');
  const file = beside === '' ? page : relative(ROOT, join(ROOT, dirname(page), beside));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(read(file)).includes(anchor);
}

/** As GitHub makes the anchors of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
