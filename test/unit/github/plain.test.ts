import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  block,
  code,
  cut,
  duration,
  fittedLines,
  folded,
  logLines,
  markdown,
  shownText,
  table,
  visible,
} from '../../../src/github/plain.ts';
import { nastyText } from '../texts.ts';

/** As the runner reads a line of the log (actions/runner ActionCommand.cs), .NET's white space included. */
const isCommand = (line: string): boolean => /^[\s\u0085]*::/.test(line) || line.includes('##[');

const ESCAPED = /&#\d+;/g;
/** As GitHub shows it; an empty element is not seen, nor copied. */
const decoded = (text: string): string =>
  text
    .replaceAll('<span></span>', '')
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
    const bare = source.replace(/^<code>|<\/code>$|<span><\/span>/g, '').replace(ESCAPED, '');
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

test.each([
  ['@octocat', '&#64;<span></span>octocat'],
  ['fixes #12', 'fixes &#35;<span></span>12'],
  ['octo/images@a1b2c3d', 'octo/images&#64;<span></span>a1b2<span></span>c3d'],
  ['a@b.example', 'a&#64;<span></span>b.example'],
  ['GH-1 and gh-23', 'GH<span></span>-1 and gh<span></span>-23'],
  ['see https://evil.example/x', 'see https:<span></span>//evil.example/x'],
  ['www.evil.example', 'www<span></span>.evil.example'],
  ['commit a1b2c3d4', 'commit a1b2<span></span>c3d4'],
  ['0123456789abcdef0123456789abcdef01234567', /^0123<span><\/span>4567/],
])('nothing becomes a link, and nobody is notified: %j', (text, shown) => {
  expect(markdown(text)).toMatch(shown);
});

test('a URL in code is no link either', () => {
  expect(code('https://evil.example')).toBe('<code>https:<span></span>//evil.example</code>');
});

test.each([
  ['\u202egnp.exe', '[U+202E]gnp.exe'],
  ['a\u2066b\u2069', 'a[U+2066]b[U+2069]'],
  ['\u061c\u200f', '[U+061C][U+200F]'],
])('text that changes its direction says so: %j', (text, shown) => {
  expect(logLines(text)).toEqual([shown]);
  expect(visible(text)).toBe(shown);
  expect(decoded(markdown(text))).toBe(shown);
  expect(decoded(code(text))).toBe(`<code>${shown}</code>`);
});

test('what is cut says how much is missing, and splits no character', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcdef', 3)).toBe('abc… (3 more characters)');
  expect(cut('ab😀cd', 3)).toBe('ab… (4 more characters)');
});

test.each(['See docs/sign-in.md.', 'See `docs/sign-in.md`.'])('%s leads there', (text) => {
  const address = 'https://github.com/owner/azure-golden-image/blob/main/docs/sign-in.md';
  expect(shownText(text)).toBe(`See <a href="${address}"><code>docs/sign-in.md</code></a>.`);
});

test.each([
  'Read `see docs/sign-in.md here`.',
  'Read `docs/sign-in.md here`.',
  'Read `see docs/sign-in.md`.',
  'Read `/srv/docs/sign-in.md`.',
  'Read https://example.com/docs/sign-in.md.',
])('%s leaves no code open, and no path is half a link', (text) => {
  const shown = shownText(text);
  expect(shown.split('<code>')).toHaveLength(shown.split('</code>').length);
  expect(shown.includes('<a ')).toBe(!text.includes('/docs/'));
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

describe('Markdown that is cut to fit', () => {
  const NOTE = '\n\n… and more.';
  const hostile = fc.oneof(
    nastyText,
    fc.constantFrom('<details>', '</details>', '```', '| --- |', '````text\n\n'),
  );
  const cells = fc.array(hostile.map(markdown), { minLength: 2, maxLength: 2 });
  const { whole } = fc.letrec<{ whole: string; part: string }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small' },
      hostile.map(markdown),
      fc.array(hostile).map((parts) => block(parts.join('\n'))),
      fc.tuple(cells, fc.array(cells)).map(([head, rows]) => table(head, rows)),
      tie('whole').map((text) => folded('title', text)),
    ),
    whole: fc.array(tie('part')).map((parts) => parts.join('\n\n')),
  }));

  /** Without what is in code blocks, and a fence without its end is none. */
  const outside = (text: string) => text.replace(/^(`{3,})[^`\n]*\n(?:[\s\S]*?\n)?\1$/gm, '');

  it('renders: nothing is open, no head is without its table, and the note is seen', () => {
    fc.assert(
      fc.property(whole, fc.nat(), (text, room) => {
        fc.pre(text.length > NOTE.length);
        const most = NOTE.length + (room % (text.length - NOTE.length));
        const shown = fittedLines(text, most, NOTE);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown.endsWith(NOTE)).toBe(true);
        const seen = outside(shown);
        expect(seen).not.toContain('```');
        expect(seen.split('<details>').length).toBe(seen.split('</details>').length);
        // JavaScript's `^` and `.` know more ends of lines than Markdown.
        for (const rows of seen.matchAll(/(?<=^|\n)\|[^\n]*(?:\n\|[^\n]*)*/g))
          expect(rows[0].split('\n')[1]).toBe('| --- | --- |');
        const kept = shown
          .slice(0, -NOTE.length)
          .replace(/\n`{3,}$|(\n`{3,})?(\n\n<\/details>)+$/, '');
        expect(text.startsWith(kept)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is counted in bytes where GitHub counts these', () => {
    const text = folded('t', 'ä\n'.repeat(40));
    const shown = fittedLines(text, 100, NOTE, Buffer.byteLength);
    expect(Buffer.byteLength(shown)).toBeGreaterThan(96);
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(100);
    expect(shown.endsWith(`ä\n\n</details>${NOTE}`)).toBe(true);
  });
});
