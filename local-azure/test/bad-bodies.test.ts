/** Bodies that no client should send, over HTTPS, on every route that takes one. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type Json } from '../src/json.ts';
import { BadClient, compute, expectAzuresShape, refusalOf, seed } from './bad-input.ts';
import { goodWrites } from './good-bodies.ts';
import type { GoodWrite } from './good-ids.ts';

let client: BadClient;

beforeAll(async () => {
  client = await BadClient.start();
});
afterEach(() => client.expectWell());
afterAll(() => client.stop());

const aWrite = fc.constantFrom(...goodWrites);
const send = ({ method, path, apiVersion }: GoodWrite, body: string) =>
  client.send(method, `${path}?api-version=${apiVersion}`, { body });

/** The way to a value in a body. */
type Way = readonly (string | number)[];

/** Each way into a body with the value that is there, the body itself first. */
function waysInto(value: Json | undefined, way: Way = []): [Way, Json][] {
  if (value === undefined) return [];
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [
    [way, value],
    ...inner.flatMap(([key, each]) => {
      const step = Array.isArray(value) ? Number(key) : key;
      return waysInto(each, [...way, step]);
    }),
  ];
}

/** The body with another value at the end of the way. */
function spoilt(body: Json, [key, ...way]: Way, other: Json): Json {
  if (key === undefined) return other;
  if (Array.isArray(body))
    return body.map((each, at) => (at === key ? spoilt(each, way, other) : each));
  return isObject(body) ? { ...body, [key]: spoilt(body[key] ?? null, way, other) } : body;
}

/** What can be in no place where this value is good. */
function wrongFor(value: Json): Json[] {
  if (Array.isArray(value)) return [7, 'x', {}];
  if (isObject(value)) return [7, 'x', []];
  if (typeof value === 'number') return ['x', true, {}, []];
  if (typeof value === 'boolean') return ['x', {}, []];
  return [{}, []];
}

/** Where anything goes: templates have a language of their own, parameters any name. */
const isFree = (way: Way): boolean =>
  way.includes('template') ||
  (way.includes('parameters') && !way.includes(0)) ||
  way.includes('linuxParameters');

const title = ({ method, path }: GoodWrite): string =>
  `${method} ${path.replace(/^.*\/providers\//, '')}`;

describe('a good body', () => {
  it.each(goodWrites.map((write) => [title(write), write] as const))(
    'is accepted by %s',
    async (_, write) => {
      await client.reset();
      const answer = await send(write, JSON.stringify(write.body));
      expect(answer.status, answer.text).toBeLessThan(300);
    },
  );
});

describe('a body of other types', () => {
  beforeAll(() => client.reset());

  it.each(goodWrites.map((write) => [title(write), write] as const))(
    'is refused at every member of %s',
    async (_, write) => {
      const taken: string[] = [];
      for (const [way, value] of waysInto(write.body).filter(([each]) => !isFree(each))) {
        for (const other of wrongFor(value)) {
          const answer = await send(write, JSON.stringify(spoilt(write.body, way, other)));
          expectAzuresShape(answer);
          if (answer.status !== 400)
            taken.push(`${answer.status} ${way.join('.')} = ${JSON.stringify(other)}`);
        }
      }
      expect(taken).toEqual([]);
    },
  );

  it('is answered in Azure’s shape whatever stands in it', async () => {
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        '__proto__',
        'constructor',
        '\u0000',
        '\ud800',
        '/',
        '/subscriptions/',
        'x'.repeat(3000),
      ),
      fc.constantFrom<Json>(
        { constructor: { prototype: 1 } },
        JSON.parse('{"__proto__": {"a": 1}}'),
      ),
    );
    const spoils = aWrite.chain((write) =>
      fc.record({
        write: fc.constant(write),
        way: fc.constantFrom(...waysInto(write.body).map(([way]) => way)),
        value: values,
      }),
    );
    await fc.assert(
      fc.asyncProperty(spoils, async ({ write, way, value }) => {
        const answer = await send(write, JSON.stringify(spoilt(write.body, way, value as Json)));
        expectAzuresShape(answer);
      }),
      { seed, numRuns: 800 },
    );
  }, 300_000);
});

describe('a body that is no JSON object', () => {
  it('is refused by ARM itself, however it is broken', async () => {
    const cut = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    const broken = fc
      .tuple(
        aWrite,
        cut,
        fc.constantFrom('', '{', '}', ']', '"', ',', ':', '\\', '\u0000', '\u001f', 'NaN', "'"),
      )
      .map(([write, where, extra]) => {
        const text = JSON.stringify(write.body);
        const at = 1 + Math.floor(where * (text.length - 1));
        return { write, body: text.slice(0, at) + extra };
      })
      .filter(({ body }) => !isJson(body));
    await fc.assert(
      fc.asyncProperty(broken, async ({ write, body }) => {
        expect(refusalOf(await send(write, body))).toEqual([400, 'InvalidRequestContent']);
      }),
      { seed, numRuns: 300 },
    );
  });

  it.each([
    ['null'],
    ['true'],
    ['7'],
    ['"text"'],
    ['[]'],
    ['[{}]'],
    ['\ufeff{'],
    ['{"location": "westeurope"} {}'],
    ['<xml/>'],
    ['a=b&c=d'],
    ['{"tags": {"a": 1e999x}}'],
  ])('is refused: %s', async (body) => {
    for (const write of goodWrites)
      expect(refusalOf(await send(write, body))).toEqual([400, 'InvalidRequestContent']);
  });
});

describe('a body of a size', () => {
  const path = `${compute('disks/large')}?api-version=2024-03-02`;
  const body = (size: number) => `{"tags": {"a": "${'x'.repeat(size)}"}}`;
  const megabyte = 1024 * 1024;

  it('up to 4 MB is read', async () => {
    expect(refusalOf(await client.send('PUT', path, { body: body(4 * megabyte - 100) }))).toEqual([
      400,
      'LocationRequired',
    ]);
  });

  it.each([
    ['told', {}],
    ['not told', { 'transfer-encoding': 'chunked' }],
  ])('above it, %s, is refused', async (_, headers: Record<string, string>) => {
    for (const size of [4 * megabyte, 5 * megabyte, 20 * megabyte]) {
      const answer = await client.send('PUT', path, { body: body(size), headers });
      expect(refusalOf(answer)).toEqual([413, 'RequestContentTooLarge']);
    }
  });

  it('is counted in bytes', async () => {
    const text = JSON.stringify({ tags: { a: 'ä'.repeat(3 * megabyte) } });
    expect(refusalOf(await client.send('PUT', path, { body: text }))[0]).toBe(413);
  });

  it('that is deeper than a reader goes is refused', async () => {
    const nested = (levels: number, open: string, close: string) =>
      `{"tags": ${open.repeat(levels)}1${close.repeat(levels)}}`;
    for (const text of [
      nested(100, '[', ']'),
      nested(200_000, '[', ']'),
      nested(200_000, '{"a":', '}'),
    ])
      expect(refusalOf(await client.send('PUT', path, { body: text }))).toEqual([
        400,
        'InvalidRequestContent',
      ]);
    const seen = JSON.parse((await client.send('GET', '/_local/requests')).text);
    expect(seen.at(-1)).toMatchObject({ path: compute('disks/large'), status: 400 });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
