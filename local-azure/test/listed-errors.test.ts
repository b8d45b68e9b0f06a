/** That each listed error of Azure's is provoked by a test here or need not be, and why. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LISTED_ERRORS, listedErrors } from './refusals.ts';

/** Entries that nothing the action touches can answer with. */
const notOurs: Readonly<Record<string, string>> = {
  'nested.delete_blocked.recorded':
    'recorded of host groups; galleries word it as `nested.delete_blocked` does, which is provoked',
  'runcommand.script_failed_2018':
    'until 2018; since then a script that fails is a Run Command that succeeded (azure-cli#14425)',
};

/** IDs that tests name where they compare with the entry: a table's `id`, or `expectListed`. */
function provokedIds(): ReadonlySet<string> {
  const here = new URL('.', import.meta.url);
  const tests = readdirSync(here).filter((name) => name.endsWith('.test.ts'));
  return new Set(
    tests.flatMap((name) => {
      const text = readFileSync(new URL(name, here), 'utf8');
      return [...text.matchAll(/(?:\bid: |\bexpectListed\(\s*)'([^'/]+)'/g)].map(
        ([, id]) => id ?? '',
      );
    }),
  );
}

// The list is reference material, which a clone does not have beside it.
describe.runIf(LISTED_ERRORS)('each listed error', () => {
  const ids = listedErrors().map(({ id }) => id);
  const provoked = provokedIds();

  it('is provoked by a test that names it, or has a reason not to be', () => {
    expect(ids.filter((id) => !provoked.has(id) && !(id in notOurs))).toEqual([]);
  });

  it('that has a reason is listed, and is not provoked after all', () => {
    const excused = Object.keys(notOurs);
    expect(excused.filter((id) => !ids.includes(id) || provoked.has(id))).toEqual([]);
  });

  it('has an ID of its own', () => {
    expect(ids).toHaveLength(new Set(ids).size);
    expect(ids.length).toBeGreaterThan(0);
  });
});
