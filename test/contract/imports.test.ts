import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { cycleIn, type Module, modulesBelow } from './modules.ts';

const modules = modulesBelow('src');
const tests = ['test', 'local-azure/src', 'local-azure/test', 'local-azure/scripts'].flatMap(
  modulesBelow,
);

/** The layers: a module imports what is in its own layer or below, never above. */
const LAYER: Readonly<Record<string, number>> = {
  'main.ts': 5,
  'action.ts': 4,
  'post.ts': 4,
  github: 3,
  azure: 3,
  run: 2,
  plan: 1,
  domain: 0,
};

/** Files above this are worth a look, those above the other are too much for one idea. */
const LONG = 250;
const TOO_LONG = 300;

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const inRoom = (room: string): Module[] => modules.filter(({ path }) => roomOf(path) === room);

const goesDown = (from: string, to: string): boolean =>
  from === to || (LAYER[from] ?? Number.NaN) > (LAYER[to] ?? Number.NaN);

test('imports lead down only: main, action, github and azure, run, plan, domain', () => {
  expect(modules.length).toBeGreaterThan(50);
  const upward = modules.flatMap(({ path, own }) =>
    own
      .filter((other) => !goesDown(roomOf(path), roomOf(other)))
      .map((other) => `${path} → ${other}`),
  );
  expect(upward).toEqual([]);
});

test('every import of an own module names a file that exists', () => {
  const missing = [...modules, ...tests].flatMap(({ path, own }) =>
    own
      .filter((other) => !existsSync(fileURLToPath(new URL(`../../${other}`, import.meta.url))))
      .map((other) => `${path} → ${other}`),
  );
  expect(missing).toEqual([]);
});

test('no module needs itself', () => {
  expect(cycleIn(modules)).toBeUndefined();
});

describe('what comes from outside', () => {
  it.each<[string, RegExp]>([
    ['domain', /^node:crypto$/],
    ['plan', /^$/],
    ['run', /^node:/],
    ['azure', /^(@azure\/|node:)/],
    ['github', /^(@actions\/|yaml$|node:)/],
    ['action.ts', /^$/],
    ['post.ts', /^$/],
    ['main.ts', /^$/],
  ])('%s imports nothing but %s', (room, allowed) => {
    const found = inRoom(room);
    expect(found.length).toBeGreaterThan(0);
    for (const { path, foreign } of found)
      expect(
        foreign.filter((name) => !allowed.test(name)),
        path,
      ).toEqual([]);
  });

  it('does not include a clock that a fake one cannot replace', () => {
    for (const { path, foreign } of modules)
      expect(
        foreign.filter((name) => /^node:(timers|perf_hooks|worker)/.test(name)),
        path,
      ).toEqual([]);
  });
});

/** What would make the same facts give another plan. */
const IMPURE =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bsetTimeout\(|\bconsole\.|\bfetch\(/;

it.each(['domain', 'plan'])('%s asks neither the clock, nor chance, nor the process', (room) => {
  const impure = inRoom(room).filter(({ text }) => IMPURE.test(text));
  expect(impure.map(({ path }) => path)).toEqual([]);
});

test('tests replace no module of ours or of the SDK: the fake is the network', () => {
  const replaces = /\bvi\.(mock|doMock|spyOn|fn)\(/;
  expect(tests.filter(({ text }) => replaces.test(text)).map(({ path }) => path)).toEqual([]);
});

test(`a file holds one idea: ${LONG} lines, ${TOO_LONG} at most`, () => {
  const long = [...modules, ...tests].filter(({ lines }) => lines > LONG);
  for (const { path, lines } of long)
    console.warn(`${path} has ${lines} lines; ${LONG} are plenty.`);
  expect(long.filter(({ lines }) => lines > TOO_LONG).map(({ path }) => path)).toEqual([]);
});
