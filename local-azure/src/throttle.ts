/** How full Azure's request limits are: the headers that tell it, and 429. On the emulated clock. */
import { parseId } from './arm-id.ts';
import { forgetOldest } from './bounded.ts';
import type { Timeline } from './clock.ts';
import { ArmError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { armLimitsOf, type Limit, limitsOf } from './limits.ts';

/** How many fill levels are kept: many more than limits that anybody can empty at once. */
const MOST_METERS = 50_000;

/** Fill levels. */
export class Throttle {
  readonly #meters = new Map<string, Meter>();
  readonly #timeline: Timeline;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /**
   * Draws one request from each of its limits and returns the headers that tell what is left.
   * Throws Azure's 429 with `Retry-After` in real seconds when one is empty; nothing is then drawn.
   *
   * @param principal object ID of who asks: ARM counts everybody's requests by themselves
   */
  draw(method: string, path: string, principal: string): Record<string, string> {
    const { subscriptionId } = parseId(path);
    if (subscriptionId === undefined) return {};
    const now = this.#timeline.now();
    const { kind, own, global } = armLimitsOf(method, now);
    const ownMeter = this.#meter(own, `${subscriptionId} ${principal}`);
    const globalMeter = global && this.#meter(global, subscriptionId);
    const limits = limitsOf(method, path, now);
    const meters = limits.map((limit) =>
      this.#meter(limit, limit.scope === 'resource' ? resourceOf(path) : subscriptionId),
    );
    for (const meter of [ownMeter, globalMeter]) {
      if (meter === undefined || meter.left(now) >= 1) continue;
      const seconds = this.#wait(meter, now);
      throw armThrottled(kind, subscriptionId, principal, seconds);
    }
    const empty = meters.find((meter) => meter.left(now) < 1);
    if (empty !== undefined) {
      const seconds = this.#wait(empty, now);
      throw computeThrottled(empty.limit, now, seconds, remaining(meters, now));
    }
    for (const meter of [ownMeter, globalMeter, ...meters]) meter?.take(now);
    const prefix = 'x-ms-ratelimit-remaining-subscription-';
    return {
      [`${prefix}${kind}`]: String(ownMeter.left(now)),
      ...(globalMeter && { [`${prefix}global-${kind}`]: String(globalMeter.left(now)) }),
      ...(meters.length > 0 && { ...remaining(meters, now), 'x-ms-request-charge': '1' }),
    };
  }

  #meter(limit: Limit, owner: string): Meter {
    const key = `${limit.name} ${limit.capacity} ${owner.toLowerCase()}`;
    const known = this.#meters.get(key);
    if (known !== undefined) return known;
    const made = 'windowSeconds' in limit.refill ? new Window(limit) : new TokenBucket(limit);
    this.#meters.set(key, made);
    forgetOldest(this.#meters, MOST_METERS);
    return made;
  }

  /** Real seconds until the limit lets one more request through. */
  #wait(meter: Meter, now: number): number {
    const seconds = (meter.nextAt(now) - now) / 1000 / this.#timeline.clock.speed;
    return Math.max(1, Math.ceil(seconds));
  }
}

/** How much of a limit is left; times in emulated milliseconds. */
interface Meter {
  readonly limit: Limit;
  left(now: number): number;
  take(now: number): void;
  /** When there will be more than there is. */
  nextAt(now: number): number;
}

class TokenBucket implements Meter {
  readonly limit: Limit;
  readonly #every: number;
  readonly #tokens: number;
  #level: number;
  /** When the bucket was last filled up; undefined until it is used. */
  #filledAt: number | undefined;

  constructor(limit: Limit) {
    this.limit = limit;
    const refill = 'tokens' in limit.refill ? limit.refill : { everySeconds: 1, tokens: 0 };
    this.#every = refill.everySeconds * 1000;
    this.#tokens = refill.tokens;
    this.#level = limit.capacity;
  }

  left(now: number): number {
    if (this.#filledAt !== undefined) {
      const periods = Math.floor((now - this.#filledAt) / this.#every);
      this.#level = Math.min(this.limit.capacity, this.#level + periods * this.#tokens);
      this.#filledAt += periods * this.#every;
    }
    return this.#level;
  }

  take(now: number): void {
    this.#filledAt ??= now;
    this.#level = this.left(now) - 1;
  }

  nextAt(now: number): number {
    return (this.#filledAt ?? now) + this.#every;
  }
}

class Window implements Meter {
  readonly limit: Limit;
  readonly #length: number;
  /** When each request that still counts was made. */
  #taken: number[] = [];

  constructor(limit: Limit) {
    this.limit = limit;
    this.#length = 'windowSeconds' in limit.refill ? limit.refill.windowSeconds * 1000 : 0;
  }

  left(now: number): number {
    const old = this.#taken.findIndex((at) => at > now - this.#length);
    this.#taken = old < 0 ? [] : old === 0 ? this.#taken : this.#taken.slice(old);
    return this.limit.capacity - this.#taken.length;
  }

  take(now: number): void {
    this.#taken.push(now);
  }

  nextAt(now: number): number {
    return (this.#taken[0] ?? now) + this.#length;
  }
}

function remaining(meters: readonly Meter[], now: number): Record<string, string> {
  const left = meters.map((meter) => `Microsoft.Compute/${meter.limit.name};${meter.left(now)}`);
  return { 'x-ms-ratelimit-remaining-resource': left.join(',') };
}

/**
 * The resource whose own limit a request draws on: the VM; for a poll the operation, since a new
 * one on the same VM starts with a full bucket (test_vm_create_state_modifications).
 */
function resourceOf(path: string): string {
  const lower = path.toLowerCase();
  return /^(.*\/virtualmachines\/[^/]+)/.exec(lower)?.[1] ?? lower;
}

/**
 * A compute limit is reached; the header names the one that is at 0. Shape: Microsoft's
 * "Troubleshoot API throttling errors".
 */
function computeThrottled(
  limit: Limit,
  now: number,
  seconds: number,
  headers: Record<string, string>,
): ArmError {
  const window = 'windowSeconds' in limit.refill ? limit.refill.windowSeconds : 60;
  const measured: JsonObject = {
    operationGroup: limit.name.replace(/(SubscriptionMaximum|Resource)$/, ''),
    startTime: new Date(now - window * 1000).toISOString(),
    endTime: new Date(now).toISOString(),
    allowedRequestCount: limit.capacity,
    measuredRequestCount: limit.capacity + 1,
  };
  const detail = { code: 'TooManyRequests', target: limit.name, message: JSON.stringify(measured) };
  const body = {
    code: 'OperationNotAllowed',
    message:
      'The server rejected the request because too many requests have been received for this ' +
      (limit.scope === 'resource' ? 'resource.' : 'subscription.'),
    details: [detail],
  };
  return new ArmError(429, body, { ...headers, 'retry-after': String(seconds) });
}

/** ARM's own limit is reached (wording of the token buckets: seen in public logs of 2026). */
function armThrottled(
  kind: string,
  subscriptionId: string,
  principal: string,
  seconds: number,
): ArmError {
  const message =
    `Number of '${kind.replace(/s$/, '')}' requests for subscription '${subscriptionId}' actor ` +
    `'${principal}' exceeded. Please try again after '${seconds}' seconds after additional tokens ` +
    'are available. Refer to https://aka.ms/arm-throttling for additional information.';
  const body = { code: 'SubscriptionRequestsThrottled', message };
  return new ArmError(429, body, {
    'x-ms-failure-cause': 'gateway',
    'retry-after': String(seconds),
  });
}
