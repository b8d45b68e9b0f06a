/** What users read is plain technical English: phrases that were hard to understand stay out. */
import { describe, expect, it } from 'vitest';
import { filesBelow, read } from './documents.ts';

/** Phrases that readers stumbled over, each with what says it plainly. */
const HARD: readonly (readonly [RegExp, string])[] = [
  [/\bmay not\b/i, 'is not allowed to; lacks permission to; possibly not'],
  [/\bmay never\b/i, 'must never'],
  [/\b(?:it|them|VM) anew\b/, 'again'],
  [/\bgoes? on without us\b|\bgoes on with it\b/i, 'Operations that Azure has accepted continue.'],
  [
    /\b(?:takes?|taking|taken) up (?:where|waiting|what)|\bis taken up\b/i,
    'Re-run the failed job; it resumes here.',
  ],
  [/\bRun the (?:failed )?job again\b/, 'Re-run the failed job; it resumes here.'],
  [/\bas it should be\b/i, 'correct'],
  [/\btold above\b/i, 'shown above'],
  [/\bin the midst of\b/i, 'during'],
  [/\bthe same again\b/i, 'once more'],
  [/\bnobody adds\b/i, 'no run adds'],
  [/\bstands? still\b/i, 'makes no progress'],
  [/\bnever lets go\b/i, 'cannot be removed'],
  [/\bmend(?:s|ed)? (?:it|the|one)\b/i, 'fix, repair'],
  [/\bunwell\b/i, 'has a problem'],
  [/\bgo(?:es)? on (?:getting|making|doing)\b/i, 'still gets; continues'],
  [/\bis (?:asked|meant) of\b/i, 'is set for'],
  [/\bsays nothing (?:of|against)\b/i, 'says nothing about'],
  [/\b(?:rule book|newcomers?|storeys?)\b/i, 'rules; new'],
];

/** Where texts for users stand; comments are for developers. */
const texts: readonly (readonly [string, string])[] = [
  ...filesBelow('src', '.ts').map((path) => [path, withoutComments(read(path))] as const),
  ...['action.yml', 'README.md', 'SECURITY.md', 'CONTRIBUTING.md'].map(
    (path) => [path, read(path)] as const,
  ),
  ...filesBelow('docs', '.md').map((path) => [path, withoutQuotations(read(path))] as const),
  ...filesBelow('examples', '.yml').map((path) => [path, read(path)] as const),
];

describe.each(HARD)('%s', (phrase, plain) => {
  it(`is not what users read, but: ${plain}`, () => {
    const found = texts.flatMap(([path, text]) =>
      text
        .split('\n')
        .filter((line) => phrase.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Without what Azure says, which is not ours to word. */
function withoutQuotations(page: string): string {
  return page.replace(/^\*\*Azure says:\*\*.*$/gm, '');
}
