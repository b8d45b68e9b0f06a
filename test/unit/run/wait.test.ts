import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sleep, watch } from '../../../src/run/wait.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

const signal = new AbortController().signal;
const seconds = () => Date.now() / 1000;

describe('sleep', () => {
  test('leaves neither a timer nor a listener behind', async () => {
    const end = new AbortController();
    const began = seconds();
    await sleep(2.5, end.signal);
    expect(seconds() - began).toBe(2.5);
    const cut = sleep(3600, end.signal);
    end.abort(new Error('enough'));
    await expect(cut).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
    await expect(sleep(1, end.signal)).rejects.toThrow('enough');
  });

  test('is long when it is asked to be longer than a timer can be', async () => {
    const began = seconds();
    await sleep(1e9);
    expect(seconds() - began).toBeGreaterThan(20 * 24 * 3600);
  });
});

describe('watch', () => {
  const waiting = { expectedSeconds: 60, pollSeconds: undefined, signal };

  test('looks at once, and ends with what it sees', async () => {
    const began = seconds();
    expect(await watch(async () => 'there', waiting)).toBe('there');
    expect(seconds()).toBe(began);
  });

  test('tells the look how long it has waited', async () => {
    const at: number[] = [];
    const look = async (elapsed: number) => (at.push(elapsed) === 3 ? true : undefined);
    await watch(look, { ...waiting, pollSeconds: 7 });
    expect(at).toEqual([0, 7, 14]);
  });

  test('looks a last time when the limit has come, not later', async () => {
    const at: number[] = [];
    const look = async (elapsed: number) => void at.push(elapsed);
    expect(await watch(look, { ...waiting, limitSeconds: 40 })).toBeUndefined();
    expect(at.at(-1)).toBeCloseTo(40, 1);
  });

  test('sees what came in the last moment', async () => {
    const look = async (elapsed: number) => (elapsed >= 40 ? 'just so' : undefined);
    expect(await watch(look, { ...waiting, limitSeconds: 40 })).toBe('just so');
  });

  test('ends with what the look throws, or with the reason of the end', async () => {
    const failing = async () => {
      throw new Error('gone');
    };
    await expect(watch(failing, waiting)).rejects.toThrow('gone');
    const end = new AbortController();
    setTimeout(() => end.abort(new Error('cancelled')), 20_000);
    const never = watch(async () => undefined, { ...waiting, signal: end.signal });
    await expect(never).rejects.toThrow('cancelled');
  });
});
