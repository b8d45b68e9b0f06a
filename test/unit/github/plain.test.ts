import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { code, duration, logLines, markdown } from '../../../src/github/plain.ts';
import { nastyText } from '../texts.ts';

/** As the runner reads a line of the log (actions/runner ActionCommand.cs), .NET's white space included. */
const isCommand = (line: string): boolean => /^[\s\u0085]*::/.test(line) || line.includes('##[');

const ESCAPED = /&#\d+;/g;
/** As GitHub shows it; the character without width is not seen. */
const decoded = (text: string): string =>
  text
    .replaceAll('&#8203;', '')
    .replace(/&#(\d+);/g, (_, point) => String.fromCodePoint(Number(point)));

describe('logLines', () => {
  it.each([
    ['plain', ['plain']],
    ['one\r\ntwo\rthree\nfour', ['one', 'two', 'three', 'four']],
    ['::error::x', [': :error::x']],
    ['  ::set-output name=a::b', ['  : :set-output name=a::b']],
    ['\u0085::error::x', ['\u0085: :error::x']],
    [':::', [': ::']],
    ['a::b', ['a::b']],
    ['##[error]x ##[group]', ['# #[error]x # #[group]']],
    ['###[x', ['## #[x']],
    ['fine\n::stop-commands::x', ['fine', ': :stop-commands::x']],
  ])('%j', (text, lines) => expect(logLines(text)).toEqual(lines));

  test('never let a command through, nor lose a word', () => {
    const words = fc.array(fc.constantFrom('::', '##[', 'x', ' ', '\u0085', ':', '#', '[', '\n'));
    const text = fc.oneof(
      nastyText,
      words.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (said) => {
        const lines = logLines(said);
        for (const line of lines) expect(isCommand(line)).toBe(false);
        const letters = (all: string) => all.replace(/[\s\u0085]/g, '');
        expect(letters(lines.join(''))).toBe(letters(said));
      }),
      { numRuns: 1000 },
    );
  });
});

describe.each([
  ['markdown', markdown],
  ['code', code],
])('%s', (_, shown) => {
  it.each([
    '<img src=x onerror=alert(1)>',
    '| --- |',
    'a ` alone',
    '[link](https://evil.example)',
    '![image](https://evil.example/x.png)',
    '**bold** _em_ __strong__ ~~gone~~',
    '# heading',
    '&lt;b&gt;',
    '@octocat and #1',
    '$\\frac{a}{b}$',
    '/rg/_x_/vm',
  ])('shows %j as it is', (text) => {
    const source = shown(text);
    const bare = source.replace(/^<code>|<\/code>$/g, '').replace(ESCAPED, '');
    expect(bare).not.toMatch(/[`*[\]<>|#@~$\\&]|(?<![a-z0-9])_|_(?![a-z0-9])/i);
    expect(decoded(source).replace(/^<code>|<\/code>$/g, '')).toBe(text);
  });

  test('stays on one line, so that a table holds', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        expect(shown(text)).not.toMatch(/[\r\n|]/);
      }),
    );
  });
});

test('names that need no escaping stay readable in the source', () => {
  const id = '/subscriptions/1-2/resourceGroups/my_group/providers/Microsoft.Compute/disks/a.b';
  expect(markdown(id)).toBe(id);
  expect(code(id)).toBe(`<code>${id}</code>`);
});

test('what stands between backticks is code, and still acts on nothing', () => {
  expect(markdown('say `a|b` or `<b>`')).toBe(
    'say <code>a&#124;b</code> or <code>&#60;b&#62;</code>',
  );
});

test('nobody is notified: GitHub looks for names after entities were decoded', () => {
  for (const text of ['@octocat', 'fixes #12', 'a@b'])
    expect(markdown(text)).toMatch(/&#(64|35);&#8203;/);
});

test('paragraphs keep their lines', () => {
  expect(markdown('one \r\n\n two')).toBe('one<br>two');
});

it.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [45, '45 s'],
  [59.6, '1 min 0 s'],
  [428, '7 min 8 s'],
  [3599.7, '1 h 0 min'],
  [3720, '1 h 2 min'],
  [90_000, '25 h 0 min'],
])('%d seconds are %s', (seconds, words) => expect(duration(seconds)).toBe(words));
