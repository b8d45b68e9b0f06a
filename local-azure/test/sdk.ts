/** What the tests of the local Azure share: an SDK client without a socket, on a fake clock. */
import { ComputeManagementClient } from '@azure/arm-compute';
import type { TokenCredential } from '@azure/identity';
import { vi } from 'vitest';
import type { LocalAzure } from '../src/azure.ts';
import { inProcessHttpClient } from '../src/in-process.ts';

/** The group of the default world. */
export const GROUP = 'images';

/** A compute client whose requests go straight to `azure`. */
export function computeClient(azure: LocalAzure): ComputeManagementClient {
  const credential: TokenCredential = {
    getToken: () =>
      Promise.resolve({ token: azure.accessToken(), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return new ComputeManagementClient(credential, azure.subscriptionId, {
    endpoint: azure.endpoint,
    httpClient: inProcessHttpClient(azure),
    retryOptions: { maxRetries: 0 },
  });
}

/** Waits for `promise` while the fake clock jumps from timer to timer. */
export async function elapse<T>(promise: PromiseLike<T>): Promise<T> {
  let settled = false;
  const done = Promise.resolve(promise).finally(() => {
    settled = true;
  });
  done.catch(() => {});
  while (!settled) await vi.advanceTimersToNextTimerAsync();
  return done;
}

/** Lets so many emulated seconds pass. */
export async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

/** One ARM request without the SDK; `path` is below the default world's group. */
export async function arm(
  azure: LocalAzure,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const group = `/subscriptions/${azure.subscriptionId}/resourceGroups/${GROUP}`;
  const whole = path.startsWith('/') ? path : `${group}/providers/${path}`;
  const url = `${azure.endpoint}${whole}${whole.includes('?') ? '&' : '?'}api-version=2025-04-01`;
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await azure.fetch(new Request(url, init));
  const text = await response.text();
  const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body: parsed };
}
