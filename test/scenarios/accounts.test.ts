/**
 * What people read of every kind of ending: `accounts/*.md` holds the log, the outputs and the job
 * summary. When words change on purpose: `npx vitest run test/scenarios/accounts.test.ts -u`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestOf } from '../../src/github/outputs.ts';
import { manifestProblems } from '../contract/manifest-schema.ts';
import { isCalm } from '../runner/weather.ts';
import { type Account, ENDINGS } from './account-endings.ts';
import { render } from './account-render.ts';
import { fakeClock } from './harness.ts';

const NOWHERE = { repository: '', runId: '', provenance: {} };

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

// Under weather, what is deleted at the same time ends in another order.
const endings = Object.entries<Account>(ENDINGS).filter(
  ([name]) => isCalm() || !/^(prune|restore)|comes-back/.test(name),
);

describe('the account of', () => {
  it.each(endings)('%s', async (name, ending) => {
    const run = await ending();
    expect(manifestProblems(manifestOf(run.record, NOWHERE))).toEqual([]);
    await expect(render(name, run)).toMatchFileSnapshot(`accounts/${name}.md`);
  });
});
