/**
 * What people read of every kind of ending: `accounts/*.md` holds the log, the outputs and the job
 * summary. When words change on purpose: `npx vitest run test/scenarios/accounts.test.ts -u`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestOf } from '../../src/github/manifest.ts';
import { manifestProblems } from '../contract/manifest-schema.ts';
import { type Account, ENDINGS } from './account-endings.ts';
import { render } from './account-render.ts';
import { fakeClock } from './harness.ts';

const NOWHERE = { repository: '', runId: '', provenance: {} };

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('the account of', () => {
  it.each(Object.entries<Account>(ENDINGS))('%s', async (name, ending) => {
    const run = await ending();
    expect(manifestProblems(manifestOf(run.record, NOWHERE))).toEqual([]);
    await expect(render(name, run)).toMatchFileSnapshot(`accounts/${name}.md`);
  });
});
