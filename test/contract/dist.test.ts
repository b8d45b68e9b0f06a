import { readdirSync } from 'node:fs';
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
  '958.index.js': 'the package `open`, which @azure/identity loads only to sign in with a browser',
  '50.index.js': 'Kerberos for proxies that ask for it, which is loaded only where it is installed',
  'xdg-open': 'a script that `open` carries along; nothing here calls it',
};

test('dist holds what it must, and nothing that nobody can account for', () => {
  expect(found.toSorted()).toEqual(Object.keys(REASONS).toSorted());
});

test('it is an ES module', () =>
  expect(JSON.parse(read('dist/package.json'))).toEqual({ type: 'module' }));

describe.each(found.filter((name) => name.endsWith('.js')))('dist/%s', (name) => {
  const text = read(`dist/${name}`);

  it('does not know the machine that built it', () => {
    const places = [root, process.cwd(), `${homedir()}/`].filter((place) => place.length > 2);
    expect(places.filter((place) => text.includes(place))).toEqual([]);
    expect(text).not.toMatch(/file:\/\/\/\w/);
  });

  it('needs no package that a runner lacks', () => {
    const bare = [...text.matchAll(/^import .*? from ["']([^"'.][^"']*)["'];$/gm)];
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
