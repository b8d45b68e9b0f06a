import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { retry } from '../../../src/azure/retry.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { answered, unanswered } from './answers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

const options = { doing: 'x', signal: new AbortController().signal, pollSeconds: undefined };

/** A request that is answered so, one after the other, and the emulated seconds of each try. */
function requests(...answers: unknown[]) {
  const began = Date.now();
  const at: number[] = [];
  const send = async () => {
    at.push((Date.now() - began) / 1000);
    const answer = answers[Math.min(at.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { send, at };
}

const caught = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => thrown);

test('what is answered is not asked again', async () => {
  const { send, at } = requests('fine');
  expect(await retry(send, options)).toBe('fine');
  expect(at).toEqual([0]);
});

test('what keeps a request waiting is told after a minute, and ever more seldom', async () => {
  const said: string[] = [];
  const day = answered(429, 'x', { 'retry-after': '86400' });
  const { send } = requests(
    ...Array(6).fill(answered(503)),
    day,
    ...Array(9).fill(unanswered('ECONNRESET')),
    'fine',
  );
  await retry(send, { ...options, say: (line) => said.push(line) });
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(
    /^Azure refused to x \(HTTP 503\)\. It is tried again in \d+ s\. Azure says: .*\.$/,
  );
  expect(said[1]).toMatch(/\(HTTP 429\)\. It is tried again in 86400 s\. Azure says: /);
});

test('a request that gets no answer is told of as soon', async () => {
  const began = Date.now();
  const told: number[] = [];
  const send = async () => {
    await new Promise((done) => setTimeout(done, 60_000));
    throw unanswered('ETIMEDOUT');
  };
  await caught(
    retry(send, { ...options, mostFailures: 3, say: () => told.push(Date.now() - began) }),
  );
  expect(told[0]).toBe(60_000);
});

test('what the system says of a lost connection, which ends no sentence, stands last', async () => {
  const said: string[] = [];
  const { send } = requests(...Array(12).fill(unanswered('ETIMEDOUT')), 'fine');
  await retry(send, { ...options, say: (line) => said.push(line) });
  expect(said[0]).toMatch(/ to x\. It is tried again in \d+ s\. connect ETIMEDOUT$/);
});

test('what passes is tried again, with waits that grow', async () => {
  const { send, at } = requests(
    answered(503),
    unanswered('ECONNRESET'),
    answered(429, 'x'),
    'fine',
  );
  expect(await retry(send, options)).toBe('fine');
  expect(at).toHaveLength(4);
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  [1, 2, 4].forEach((seconds, index) => {
    expect(waits[index]).toBeGreaterThanOrEqual(seconds * 0.875);
    expect(waits[index]).toBeLessThanOrEqual(seconds * 1.126);
  });
});

test('never sooner than Azure asks', async () => {
  const { send, at } = requests(answered(429, 'x', { 'retry-after': '120' }), 'fine');
  await retry(send, options);
  expect(at[1]).toBe(120);
});

test('no wait exceeds the user’s interval, but for what a 429 or 503 asks', async () => {
  const asked = { ...options, pollSeconds: 0.01 };
  const wait = { 'retry-after': '7' };
  const { send, at } = requests(
    answered(503),
    answered(500, 'x', wait),
    answered(429, 'x', wait),
    answered(503, 'x', wait),
    'fine',
  );
  await retry(send, asked);
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  // A timer may be a millisecond late.
  expect(Math.max(...waits.slice(0, 2))).toBeLessThanOrEqual(0.012);
  expect(waits.slice(2).map((seconds) => Math.round(seconds * 10) / 10)).toEqual([7, 7]);
});

test('short waits are as patient as long ones, by more attempts', async () => {
  const { send, at } = requests(answered(503));
  await caught(retry(send, { ...options, pollSeconds: 5 }));
  expect(at.at(-1)).toBeGreaterThan(11 * 60);
  expect(at.length).toBeLessThan(250);
});

test('a wait of months is a wait, not none', async () => {
  const { send, at } = requests(answered(429, 'x', { 'retry-after': '9999999' }), 'fine');
  await retry(send, options);
  expect(at[1]).toBeGreaterThan(24 * 3600);
});

test('what Azure refuses is thrown at once, as a failure', async () => {
  const { send, at } = requests(answered(403, 'AuthorizationFailed'));
  expect(await caught(retry(send, options))).toMatchObject({ kind: 'refused', status: 403 });
  expect(at).toHaveLength(1);
});

test('another request at work on the resource is waited for, when that is asked for', async () => {
  const busy = Array.from({ length: 90 }, () => answered(409, 'Conflict'));
  const patient = requests(...busy, 'fine');
  expect(await retry(patient.send, { ...options, untilFree: true })).toBe('fine');
  expect(patient.at.at(-1)).toBeGreaterThan(3600);
  expect(await caught(retry(requests(...busy).send, options))).toMatchObject({ status: 409 });
});

test('in the end it gives up, and says how often it tried', async () => {
  const { send, at } = requests(
    answered(503, 'ServerTimeout', { 'x-ms-correlation-request-id': 'c' }),
  );
  const failure = await caught(retry(send, options));
  expect(failure).toMatchObject({ kind: 'transient', code: 'ServerTimeout', correlationId: 'c' });
  expect((failure as Failure).what).toContain(`tried ${at.length} times`);
  expect(at.at(-1)).toBeGreaterThan(150);
});

describe('a write whose answer was lost', () => {
  test('that took effect is not sent again', async () => {
    const { send, at } = requests(unanswered('ECONNRESET'));
    expect(await retry(send, options, async () => 'there')).toBe('there');
    expect(at).toHaveLength(1);
  });

  test('that did not is sent again, after a look each time', async () => {
    const { send, at } = requests(unanswered('ECONNRESET'), answered(502), 'sent');
    let looks = 0;
    const landed = async () => {
      looks++;
      return undefined;
    };
    expect(await retry(send, options, landed)).toBe('sent');
    expect([at.length, looks]).toEqual([3, 2]);
  });

  test('of which nobody can say is not sent blindly', async () => {
    const { send, at } = requests(unanswered('ECONNRESET'), 'sent');
    const blind = async () => {
      throw new Failure({ kind: 'refused', what: 'No right to look.' });
    };
    expect(await caught(retry(send, options, blind))).toMatchObject({ what: 'No right to look.' });
    expect(at).toHaveLength(1);
  });
});

describe('a run that ends', () => {
  const reason = new Failure({ kind: 'cancelled', what: 'Cancelled.' });

  it('sends nothing any more', async () => {
    const { send, at } = requests('fine');
    const signal = AbortSignal.abort(reason);
    expect(await caught(retry(send, { ...options, signal }))).toBe(reason);
    expect(at).toEqual([]);
  });

  it('is the failure, not what it broke', async () => {
    const end = new AbortController();
    const send = async () => {
      end.abort(reason);
      throw Object.assign(new Error('aborted'), { name: 'AbortError' });
    };
    expect(await caught(retry(send, { ...options, signal: end.signal }))).toBe(reason);
  });

  it('does not wait first', async () => {
    const end = new AbortController();
    const { send } = requests(answered(429, 'x', { 'retry-after': '3600' }));
    const began = Date.now();
    setTimeout(() => end.abort(reason), 5000);
    expect(await caught(retry(send, { ...options, signal: end.signal }))).toBe(reason);
    expect(Date.now() - began).toBe(5000);
  });
});
