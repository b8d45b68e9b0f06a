/** What the tests of the local Azure share: an SDK client without a socket, on a fake clock. */
import { ComputeManagementClient } from '@azure/arm-compute';
import type { TokenCredential } from '@azure/identity';
import { vi } from 'vitest';
import type { LocalAzure } from '../azure.ts';
import { inProcessHttpClient } from '../in-process.ts';

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
