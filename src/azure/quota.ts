import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { sleep } from '../run/wait.ts';

/** From so few requests left in a limit on, reads slow down. */
const FEW = 10;
/** The same for ARM's own reads of a subscription: 250 at most, 25 come back in a second. */
const FEW_OF_SUBSCRIPTION = 100;
/** Seconds that a read waits when nothing is left. */
const LONGEST = 30;

/**
 * Slows reads down by what Azure says is left of its limits, so that many runs in a subscription,
 * and the users' own tools beside them, do not drive each other into 429. Every answer tells it in
 * its headers: `x-ms-ratelimit-remaining-resource` for the buckets of the service,
 * some of a resource's own, and `x-ms-ratelimit-remaining-subscription-reads` for ARM's. Writes are
 * never held back: they are few, and each of them is what the run is for.
 *
 * @param most the user's `poll-interval`, seconds, which no wait exceeds
 */
export function slowDownByQuota(most = Infinity): PipelinePolicy {
  const byPath = new Map<string, number>();
  let bySubscription = 0;
  return {
    name: 'slowDownByQuota',
    sendRequest: async (request, next) => {
      const { pathname } = new URL(request.url);
      if (request.method === 'GET') {
        const seconds = Math.max(byPath.get(pathname) ?? 0, bySubscription);
        // Spread, so that many runs do not ask at the same moment again.
        const spread = Math.min(seconds * (0.5 + Math.random()), most);
        // The SDK's own type of a signal is a part of the real one.
        if (spread > 0) await sleep(spread, request.abortSignal as AbortSignal | undefined);
      }
      const response = await next(request);
      // A write's answer tells of the writes' buckets, which hold so few that they always seem low.
      if (request.method === 'GET') byPath.set(pathname, waitFor(leftOfService(response), FEW));
      // Not told by the answer to a write, which leaves what was known of reads as it is.
      const left = response.headers.get('x-ms-ratelimit-remaining-subscription-reads');
      if (left) bySubscription = waitFor(Number(left), FEW_OF_SUBSCRIPTION) / 3;
      return response;
    },
  };
}

/** Seconds to wait when so many requests are left: none while there are many, then ever more. */
export function waitFor(left: number, few: number): number {
  if (left >= few) return 0;
  return LONGEST / (1 + (LONGEST - 1) * (left / few));
}

/** Of `Microsoft.Compute/GetOperationResource;12,Microsoft.Compute/…;4999` the least. */
function leftOfService({ headers }: PipelineResponse): number {
  const text = headers.get('x-ms-ratelimit-remaining-resource') ?? '';
  return Math.min(...[...text.matchAll(/;(\d+)/g)].map(([, left]) => Number(left)));
}
