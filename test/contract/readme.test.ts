import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { preflightDoc } from '../../scripts/preflight-doc.ts';
import { withTables } from '../../scripts/tables.ts';
import { captureChapters } from '../../src/plan/preflight/capture-rules.ts';
import { promoteChapters } from '../../src/plan/preflight/promote-rules.ts';
import { filesBelow, read, section } from './documents.ts';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/permissions.md',
  'docs/preflight.md',
  'local-azure/README.md',
];

describe('README.md', () => {
  it('has the inputs and outputs of action.yml (mend with `npm run docs`)', () => {
    expect(read('README.md')).toBe(withTables(read('README.md'), read('action.yml')));
  });

  it('quotes messages that the code can give', () => {
    const sources = filesBelow('src', '.ts').map(read).join('\n');
    const rows = section(read('README.md'), 'Troubleshooting').matchAll(/^\| (`.+?) \|/gm);
    const quoted = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)]);
    const pieces = quoted.flatMap(([, text = '']) => text.split('…').map((piece) => piece.trim()));
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.filter((piece) => !isSaid(piece, sources))).toEqual([]);
  });
});

/** Fragments too short to tell anything are passed; AADSTS numbers come from a table of the code. */
const isSaid = (piece: string, sources: string): boolean =>
  piece.length < 8 || /AADSTS/.test(piece) || sources.includes(piece);

describe('docs/preflight.md', () => {
  it('has the rules as the code has them (mend with `npm run docs`)', () => {
    expect(read('docs/preflight.md')).toBe(preflightDoc(captureChapters, promoteChapters));
  });
});

describe.each(documents)('the links of %s', (path) => {
  const text = read(path);
  const targets = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target = '']) => target);

  it('lead to files and headings that exist', () => {
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
    const broken = targets.filter((target) => {
      if (target.startsWith('#')) return !anchors.includes(target.slice(1));
      const base = new URL(`../../${path}`, import.meta.url);
      return !existsSync(fileURLToPath(new URL(target, base)));
    });
    expect(broken).toEqual([]);
  });
});

/** As GitHub makes a heading's anchor. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
