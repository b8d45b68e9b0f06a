/** What the tests of refusals share: their table's form, bodies, and the check against the reference list. */
import { expect, it } from 'vitest';
import { isObject, type JsonObject, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { definition } from '../src/world-parts.ts';
import { type Answer, Bench, fromMachine, place } from './gallery.ts';
import { referenceJson } from './reference.ts';

/** A refusal that comes at once. */
export interface Refusal {
  /** ID in the reference list of Azure's answers (`reference.ts`). */
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

/** An error that Azure was seen to answer with, as the reference material lists it. */
interface ListedError {
  readonly id: string;
  readonly code: string | null;
  readonly message: string;
}

const listed = referenceJson('traffic/errors.json') as readonly ListedError[] | undefined;

/** Whether the list of errors is beside this checkout. */
export const LISTED_ERRORS = listed !== undefined;

/** The listed errors; none where the list is missing. */
export const listedErrors = (): readonly ListedError[] => listed ?? [];

/** Where the shared list is at hand, it must say the same. */
export function expectListed(id: string, code: string, phrase: string): void {
  if (!LISTED_ERRORS) return;
  const entry = listedErrors().find((each) => each.id === id);
  if (entry === undefined) throw new Error(`No listed error is called ${id}`);
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
