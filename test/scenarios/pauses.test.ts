import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { capture, fakeClock, localAzure, ofWindows, promote } from './harness.ts';
import { devAndProduction } from './promotion.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const POLL = 2;

// Below frames of libraries the caller would be cut off.
Error.stackTraceLimit = 50;

/** The line of a stack that names the function and file of the project that called for a timer. */
const callerOf = (stack = ''): string | undefined =>
  stack
    .split('\n')
    .slice(2)
    .find((line) => /\/src\//.test(line));

/** A timer of the action's that is no time limit. */
const isPause = (caller = ''): boolean =>
  !caller.includes('/local-azure/') && caller !== '' && !/\bat within \(/.test(caller);

/** Seconds of each timer that the action, not the local Azure, sets from here on. */
function pauses(): number[] {
  const seconds: number[] = [];
  const onClock = globalThis.setTimeout;
  const heard = (work: () => void, milliseconds = 0) => {
    if (isPause(callerOf(new Error().stack))) seconds.push(milliseconds / 1000);
    return onClock(work, milliseconds);
  };
  // The fake clock puts back what was there before it.
  globalThis.setTimeout = heard as typeof setTimeout;
  return seconds;
}

/** What makes every kind of pause but for low limits: a busy resource, lost and bad answers. */
function trouble(azure: LocalAzure) {
  const get = { method: 'GET', path: '**/virtualMachines/*' };
  azure.faults.add({ match: get, times: 9, fate: { status: 500 } });
  azure.faults.add({ match: get, after: 20, times: 9, fate: { reset: true } });
  const put = { method: 'PUT', path: '**/versions/*' };
  const busy = { error: { code: 'Conflict', message: 'Busy.' } };
  azure.faults.add({ match: put, times: 9, fate: { status: 409, body: busy } });
  const later = { 'retry-after': '40' };
  azure.faults.add({
    match: { method: 'GET', path: '**/versions/*' },
    after: 12,
    times: 9,
    fate: { status: 502, headers: later },
  });
}

it.each(['linux', 'windows'])('no pause of a capture of %s exceeds `poll-interval`', async (os) => {
  // A limit that is exceeded asks for longer ones.
  const azure = localAzure({ throttling: os === 'linux' });
  trouble(azure);
  const log = pauses();
  const { failure } = await capture(azure, {
    pollSeconds: POLL,
    request: {
      snapshot: true,
      regions: [{ name: 'westeurope' }, { name: 'northeurope' }],
      ...(os === 'windows' && ofWindows(azure)),
    },
  });
  expect(failure).toBeUndefined();
  expect(log.length).toBeGreaterThan(100);
  expect(log.filter((seconds) => seconds > POLL)).toEqual([]);
});

it('no pause of a promotion exceeds it, and the last looks come one by one', async () => {
  const azure = await devAndProduction();
  trouble(azure);
  const log = pauses();
  const regions = [{ name: 'westeurope' }, { name: 'swedencentral' }];
  const { failure } = await promote(azure, { regions, waitFor: 'none' }, { pollSeconds: POLL });
  expect(failure).toBeUndefined();
  expect(log.filter((seconds) => seconds === POLL).length).toBeGreaterThan(14);
  expect(log.filter((seconds) => seconds > POLL)).toEqual([]);
});

it.each([429, 503])('only the Retry-After of a %d makes one longer', async (status) => {
  const azure = localAzure();
  const match = { method: 'GET', path: '**/virtualMachines/*' };
  const fate = { status, headers: { 'retry-after': '40' } };
  azure.faults.add({ match, after: 5, times: 2, fate });
  const log = pauses();
  const { failure } = await capture(azure, { pollSeconds: POLL });
  expect(failure).toBeUndefined();
  expect(log.filter((seconds) => seconds > POLL)).toEqual([40, 40]);
});
