import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { read } from './documents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const found = readdirSync(`${root}/dist`, { recursive: true, encoding: 'utf8' });

/** Every file that users download with each run, and why it is there. */
const REASONS: Readonly<Record<string, string>> = {
  'index.js': 'the action: main and post',
  'package.json': 'tells Node that index.js is an ES module',
  'licenses.txt': 'the licenses of the packages in index.js, as they ask for',
};

test('dist holds what it must, and nothing that nobody can account for', () => {
  expect(found.toSorted()).toEqual(Object.keys(REASONS).toSorted());
});

test('it has at most 4.3 MB in all', () => {
  const sizes = found.map((name) => statSync(`${root}/dist/${name}`).size);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(4_300_000);
});

test('each license is one that lets us pass the package on, with its text', () => {
  const blocks = read('dist/licenses.txt').split(/^-{80}$/m);
  expect(blocks.length).toBeGreaterThan(40);
  const licenses = blocks.map((block) => /^License: (.*)$/m.exec(block)?.[1]);
  expect(
    licenses.filter(
      (license) => !/^(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD)$/.test(license ?? ''),
    ),
  ).toEqual([]);
  const withoutText = blocks.filter((block) => !/copyright|permission/i.test(block));
  expect(withoutText.map((block) => block.trim().split('\n', 1)[0])).toEqual([
    // Its package holds no license file.
    expect.stringMatching(/^proxy-agent-negotiate /),
  ]);
});

test('it is an ES module', () =>
  expect(JSON.parse(read('dist/package.json'))).toEqual({ type: 'module' }));

test('V8 compiles its modules once: they are in parentheses', () =>
  expect(read('dist/index.js').slice(0, 500)).toMatch(/__webpack_modules__=\{\d+:\(/));

describe.each(found.filter((name) => name.endsWith('.js')))('dist/%s', (name) => {
  const text = read(`dist/${name}`);

  it('does not know the machine that built it', () => {
    // Scripts for guests name files of root's.
    const home = homedir() === '/root' ? [] : [`${homedir()}/`];
    const places = [root, process.cwd(), ...home].filter((place) => place.length > 2);
    expect(places.filter((place) => text.includes(place))).toEqual([]);
    expect(text).not.toMatch(/file:\/\/\/\w/);
  });

  it('needs no package that a runner lacks', () => {
    const bare = [...text.matchAll(/(?:^|[;}])import\b[^;"]*?(?:from)?"([^".][^"]*)"/g)];
    expect(bare.length).toBeGreaterThan(0);
    const names = bare.map(([, from = '']) => from);
    expect(names.filter((from) => !from.startsWith('node:') && !BUILT_IN.has(from))).toEqual([]);
  });
});

/** Built-in modules that packages import without `node:`. */
const BUILT_IN = new Set(
  'assert buffer child_process crypto dns events fs fs/promises http http2 https module net os path process querystring stream stream/promises string_decoder timers tls tty url util util/types zlib async_hooks console diagnostics_channel perf_hooks worker_threads readline punycode'.split(
    ' ',
  ),
);
