/**
 * What people read of every kind of ending: `accounts/*.md` holds the log, the outputs and the job
 * summary. When words change on purpose: `npx vitest run test/scenarios/accounts.test.ts -u`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Account, ENDINGS } from './account-endings.ts';
import { render } from './account-render.ts';
import { fakeClock } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

describe('the account of', () => {
  it.each(Object.entries<Account>(ENDINGS))('%s', async (name, ending) => {
    const run = await ending();
    await expect(render(name, run)).toMatchFileSnapshot(`accounts/${name}.md`);
  });
});
