/** That the comparison notices what it is there for: recordings are tampered with, each must be told. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { replay } from '../../src/conformance/replay.ts';
import type { Outcome } from '../../src/conformance/report.ts';
import { loadScenarios, type Scenario } from '../../src/conformance/scenario.ts';
import { reference } from '../reference.ts';
import { type Mutation, mutationsOf } from './mutations.ts';
import { ownRecording } from './own-recording.ts';

const seed = 20260301;

/** What can be done to a recording; each kind is to be found among the mutations, and noticed. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['another status', /^status \d+$/],
  ['another error code', /^error\.code = /],
  ['another error message', /^error\.message = /],
  ['a header taken away', /^without /],
  ['a header added', /^with /],
  ['a member taken away', / gone$/],
  ['a member added', / added$/],
  ['a name in another case', / recased$/],
  ['another state', /(provisioningState|status|state|code) = "/i],
  ['states in another order', /^answer swapped/],
  ['regions in another order', /(targetRegions|summary) reordered$/],
  ['another value', / = /],
];

/** Mutations of exchanges that match when nothing has been changed: others are not compared, or have a reason. */
function mutationsFrom(scenario: Scenario, { verdicts }: Outcome): (() => Mutation)[] {
  return mutationsOf(scenario).filter((make) => verdicts[make().position] === 'matched');
}

/** So many of them, always the same. */
function chosen<T>(from: readonly T[], most: number): T[] {
  const length = Math.min(most, from.length);
  const some = fc.shuffledSubarray([...from], { minLength: length, maxLength: length });
  return fc.sample(some, { seed, numRuns: 1 })[0] ?? [];
}

/** Mutations that nothing tells of, each as a line. */
async function unnoticed(mutations: readonly (() => Mutation)[]): Promise<string[]> {
  const lines: string[] = [];
  for (const make of mutations) {
    const { scenario, position, what } = make();
    const { tally, verdicts } = await replay(scenario);
    if (tally.unexplained === 0)
      lines.push(
        `${scenario.label} #${scenario.exchanges[position]?.index} ${what}: ${verdicts[position]}`,
      );
  }
  return lines;
}

describe('a recording of our own', () => {
  let mutations: readonly (() => Mutation)[];

  beforeAll(async () => {
    const scenario = await ownRecording();
    const outcome = await replay(scenario);
    expect(outcome.tally).toMatchObject({ explained: 0, unexplained: 0 });
    expect(outcome.tally.matched).toBeGreaterThan(15);
    mutations = mutationsFrom(scenario, outcome);
  });

  it.each(kinds)('with %s is told apart', async (_, pattern) => {
    const some = chosen(
      mutations.filter((make) => pattern.test(make().what)),
      25,
    );
    expect(some).not.toEqual([]);
    expect(await unnoticed(some)).toEqual([]);
  });
});

const recorded = reference('traffic');

// Recordings are reference material, which a clone does not have beside it.
describe.runIf(recorded !== undefined)('recorded traffic', () => {
  const mutations: { readonly what: string; readonly make: () => Mutation }[] = [];

  beforeAll(async () => {
    for (const scenario of loadScenarios(recorded ?? '')) {
      const outcome = await replay(scenario);
      for (const make of mutationsFrom(scenario, outcome))
        mutations.push({ what: make().what, make });
    }
  });

  it.each(kinds)('with %s is told apart, unless a reason covers it', async (_, pattern) => {
    const some = chosen(
      mutations.filter(({ what }) => pattern.test(what)),
      12,
    );
    expect(some).not.toEqual([]);
    const lines = await unnoticed(some.map(({ make }) => make));
    expect(lines.filter((line) => !line.endsWith(': explained'))).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(some.length / 5);
  });
});
