/** `npm run conformance -- DIR` as a command: what it says of folders good and bad, and how it ends. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const same = path('fixtures/same/scenarios/snapshot.json');
const text = readFileSync(same, 'utf8');
const scenario = JSON.parse(text) as { interactions: Record<string, unknown>[] };
const none = { matched: 0, seeded: 0, outOfScope: 0, explained: 0, unexplained: 0 };
const all = { matched: 8, seeded: 1, outOfScope: 1, explained: 1, unexplained: 0 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recordings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: unknown): void {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

function run(...parameters: string[]) {
  const main = path('../../src/conformance/main.ts');
  const ended = spawnSync(process.execPath, [main, ...parameters], { encoding: 'utf8' });
  const lines = ended.stdout.trimEnd().split('\n');
  return {
    ...ended,
    lines,
    sums: ended.stdout === '' ? undefined : JSON.parse(lines.at(-1) ?? ''),
  };
}

describe('without a folder to read', () => {
  it.each([[[]], [['--help']], [['a', 'b']]])('says how it is used: %j', (parameters) => {
    const { status, stdout, stderr } = run(...parameters);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: npm run conformance -- DIR\n/);
  });

  it.each([
    ['that is not there', 'nowhere'],
    ['that is a file', 'file.json'],
  ])('it says so of a folder %s, and has compared nothing', (_, name) => {
    put('file.json', scenario);
    const { status, stderr, sums } = run(join(folder, name));
    expect([status, sums]).toEqual([2, none]);
    expect(stderr).toBe(`There is no folder ${join(folder, name)}\n`);
  });

  it.each([
    ['nothing', {}],
    ['an empty folder of scenarios', { 'scenarios/readme.md': '' }],
    ['tables alone', { 'errors.json': [{ id: 'a' }], 'durations.json': { a: 1 } }],
    ['scenarios too deep', { 'scenarios/older/a.json': scenario }],
  ])('where there is %s it says where it looked', (_, files) => {
    for (const [name, content] of Object.entries(files)) put(name, content);
    const { status, stderr, sums } = run(folder);
    expect([status, sums]).toEqual([2, none]);
    expect(stderr).toBe(`There is no scenario in ${folder} or ${join(folder, 'scenarios')}\n`);
  });
});

describe('scenarios', () => {
  it.each([
    ['directly', ['snapshot.json'], 1],
    ['in scenarios/', ['scenarios/snapshot.json'], 1],
    ['in both', ['a.json', 'scenarios/b.json'], 2],
    ['beside tables and other files', ['a.json', 'scenarios/b.json'], 2],
  ])('are found %s', (where, names, count) => {
    for (const name of names) put(name, text);
    if (where.startsWith('beside')) {
      put('errors.json', [{ id: 'a' }]);
      put('README.md', '#');
    }
    const { status, stderr, sums } = run(folder);
    expect([status, stderr]).toEqual([0, '']);
    expect(sums).toEqual(
      Object.fromEntries(Object.entries(all).map(([verdict, each]) => [verdict, each * count])),
    );
  });

  it('are read with a byte order mark, and without what may be left out', () => {
    const bare = scenario.interactions.map(({ i: _, cmd: __, ...others }) => others);
    put('marked.json', `\ufeff${JSON.stringify({ interactions: bare })}`);
    expect(run(folder)).toMatchObject({ status: 0, sums: all });
  });
});

describe('a file that cannot be played', () => {
  const [first, second] = scenario.interactions;
  const changed = (part: 'request' | 'response', change: object) => ({
    interactions: [first, { ...second, [part]: { ...(second?.[part] as object), ...change } }],
  });
  const without = (name: string) => {
    const { [name]: _, ...others } = second ?? {};
    return { interactions: [first, others] };
  };

  const broken: readonly (readonly [string, unknown, RegExp])[] = [
    ['half a file', text.slice(0, text.length / 2), /JSON|Unterminated/],
    ['nothing in it', '', /JSON/],
    ['a list', [], /the file must be object/],
    ['no interactions', { label: 'a' }, /the file must have required property 'interactions'/],
    ['none', { interactions: [] }, /interactions must NOT have fewer than 1 items/],
    ['not a list of them', { interactions: {} }, /interactions must be array/],
    ['one that is none', { interactions: [first, null] }, /interactions\.1 must be object/],
    ['no request', without('request'), /interactions\.1 must have required property 'request'/],
    ['no response', without('response'), /interactions\.1 must have required property 'response'/],
    ['no time', without('t'), /interactions\.1 must have required property 't'/],
    [
      'a URL that is none',
      changed('request', { uri: '/x' }),
      /interactions\.1\.request\.uri must match/,
    ],
    [
      'a status that is none',
      changed('response', { status: '200' }),
      /response\.status must be integer/,
    ],
    [
      'headers that are none',
      changed('response', { headers: [] }),
      /response\.headers must be object/,
    ],
    [
      'a date that is none',
      { interactions: [{ ...first, date: 'then' }] },
      /interactions\.0\.date must match/,
    ],
  ];
  let ended: ReturnType<typeof run>;
  const home = mkdtempSync(join(tmpdir(), 'recordings-'));
  const fileOf = (name: string) => join(home, 'scenarios', `${name}.json`);

  beforeAll(() => {
    mkdirSync(join(home, 'scenarios'));
    for (const [name, content] of broken)
      writeFileSync(fileOf(name), typeof content === 'string' ? content : JSON.stringify(content));
    writeFileSync(fileOf('whole'), text);
    ended = run(home);
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.each(broken)('with %s is named with what is wrong', (name, _, problem) => {
    const told = ended.stderr.split('\n').filter((line) => line.startsWith(fileOf(name)));
    expect(told).toEqual([expect.stringMatching(/ cannot be played: /)]);
    expect(told[0]).toMatch(problem);
  });

  it('does not keep the others from being played', () => {
    expect([ended.status, ended.sums]).toEqual([2, all]);
    expect(ended.lines[1]).toMatch(/^whole /);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(broken.length);
  });
});

describe('a recording that was broken off', () => {
  it('is played as far as it goes', () => {
    for (let length = 1; length < scenario.interactions.length; length++)
      put(`${length}.json`, { interactions: scenario.interactions.slice(0, length) });
    expect(run(folder)).toMatchObject({ status: 0, stderr: '' });
  });

  it('is played without its beginning, each difference in a line', () => {
    put('late.json', { interactions: scenario.interactions.slice(3) });
    const { status, stderr, sums } = run(folder);
    expect(stderr).toBe('');
    expect(status).toBe(sums.unexplained > 0 ? 1 : 0);
    const played = Object.values(sums as Record<string, number>).reduce(
      (sum, each) => sum + each,
      0,
    );
    expect(played).toBe(scenario.interactions.length - 3);
  });

  it('tells of a request that cannot be sent, and goes on', () => {
    cpSync(same, join(folder, 'good.json'));
    const interactions = scenario.interactions.map((each) => {
      const { status } = each.response as { status: number };
      const request = { ...(each.request as object), method: 'TRACE' };
      return status === 404 ? { ...each, request } : each;
    });
    put('odd.json', { interactions });
    const { status, lines, sums } = run(folder);
    expect(status).toBe(1);
    expect(sums.unexplained).toBe(1);
    expect(lines.join('\n')).toMatch(
      /#\d+ TRACE \S+: status exchange: recorded an answer \d+, local no answer: /,
    );
  });
});
