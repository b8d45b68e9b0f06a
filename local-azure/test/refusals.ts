/** What the tests of refusals share: their table's form, bodies, and the check against errors.json. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isObject, type JsonObject, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { definition } from '../src/world-parts.ts';
import { type Answer, Bench, fromMachine, place } from './gallery.ts';

/** A refusal that comes at once. */
export interface Refusal {
  /** ID in errors.json. */
  readonly id: string;
  readonly status: number;
  readonly code: string;
  /** A part of Azure's text that has no name in it. */
  readonly phrase: string;
  readonly world?: readonly ResourceInput[];
  readonly provoke: (bench: Bench) => Promise<Answer>;
}

/** `fromMachine` with other properties of the publishing profile. */
export function published(profile: JsonObject): JsonObject {
  const body = fromMachine();
  const { storageProfile } = isObject(body.properties) ? body.properties : {};
  return { ...body, properties: { publishingProfile: profile, storageProfile } };
}

/** A body that makes a version from this source. */
export function fromSource(storageProfile: JsonObject): JsonObject {
  return {
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions: [{ name: 'westeurope' }] },
      storageProfile,
    },
  };
}

const errorsFile = new URL('../../../shared/traffic/errors.json', import.meta.url);

/** What the shared list says of an entry, when it is at hand. */
function listed(id: string): { code: string | null; message: string } | undefined {
  if (!existsSync(errorsFile)) return undefined;
  const all = JSON.parse(readFileSync(errorsFile, 'utf8')) as {
    id: string;
    code: string;
    message: string;
  }[];
  const entry = all.find((each) => each.id === id);
  if (entry === undefined) throw new Error(`errors.json has no entry ${id}`);
  return entry;
}

/** Where the shared list is at hand, it must say the same. */
export function expectListed(id: string, code: string, phrase: string): void {
  const entry = listed(id);
  if (entry === undefined) return;
  expect(entry.message).toContain(phrase);
  // Some codes carry a remark, some are nothing but one.
  const bare = (entry.code ?? '').replace(/ ?\(.*\)$/, '');
  if (bare !== '') expect(bare).toBe(code);
}

/** Runs each row of a table. */
export function provokeEach(refusals: readonly Refusal[]): void {
  it.each(refusals)('$id', async ({ id, status, code, phrase, world, provoke }) => {
    const answer = await provoke(new Bench(world));
    expect([answer.status, textAt(answer.body, 'error', 'code')]).toEqual([status, code]);
    expect(textAt(answer.body, 'error', 'message')).toContain(phrase);
    expectListed(id, code, phrase);
  });
}

/** The definition `other` with some properties changed. */
export function other(properties: JsonObject): ResourceInput {
  const made = definition(place, 'golden', {
    name: 'other',
    osType: 'Linux',
    osState: 'Specialized',
    securityType: 'Standard',
  });
  return { ...made, properties: { ...made.properties, ...properties } };
}
