/**
 * Azure's request limits: the buckets a request draws on, their headers, and 429 when one is empty.
 * Sizes: azure.md §6 and the recorded `x-ms-ratelimit-*` headers; refill of a gallery or disk
 * bucket at its size per window is inferred. All on the emulated clock.
 */
import { parseId } from './arm-id.ts';
import type { Timeline } from './clock.ts';
import { ArmError } from './errors.ts';
import {
  hasGalleryLimits,
  hasGalleryListLimits,
  hasImageTokenBuckets,
  hasSetWriteLimits,
  hasTokenBuckets,
} from './service-history.ts';

/** A limit: `capacity` requests at once, `perMinute` coming back. */
interface Bucket {
  readonly name: string;
  readonly capacity: number;
  readonly perMinute: number;
  /** Whose bucket: each resource's own, or one of the whole subscription. */
  readonly scope: 'resource' | 'subscription';
}

function bucket(
  name: string,
  capacity: number,
  perMinute: number,
  scope: Bucket['scope'] = 'subscription',
): Bucket {
  return { name, capacity, perMinute, scope };
}

/** The pair of buckets of a group of VM operations (compute-throttling-limits.md). */
function vmBuckets(name: string): Bucket[] {
  return [
    bucket(`${name}SubscriptionMaximum`, 1500, 500),
    bucket(`${name}Resource`, 12, 4, 'resource'),
  ];
}

/** The pair of windows of the older kind that disks and galleries still have. */
function windows(name: string, in3Minutes: number, in30Minutes: number): Bucket[] {
  return [
    bucket(`${name}3Min`, in3Minutes, in3Minutes / 3),
    bucket(`${name}30Min`, in30Minutes, in30Minutes / 30),
  ];
}

/** The first rule whose pattern fits a line such as `PUT disks` decides. */
type Rules = readonly (readonly [RegExp, readonly Bucket[]])[];

const LOW_COST_GET = [
  bucket('LowCostGetSubscriptionMaximum', 24000, 8000),
  bucket('LowCostGetResource', 36, 12, 'resource'),
];
const GET_OPERATION = [
  bucket('GetOperationResource', 45, 15, 'resource'),
  bucket('GetOperationSubscriptionMaximum', 15000, 5000),
];
/** Limits of the VM service before it had token buckets; sizes from the recordings of the time. */
const OLD_VM_RULES: Rules = [
  [/^GET virtualmachines\/\*$/, windows('HighCostGet', 240, 1200)],
  [/^(GET virtualmachines|POST virtualmachines\/retrieveboot)/, windows('LowCostGet', 4000, 32000)],
  [/^(PUT|PATCH) virtualmachines$/, windows('PutVM', 740, 3700)],
  [
    /^(DELETE virtualmachines|POST virtualmachines\/(deallocate|simulateeviction))$/,
    windows('DeleteVM', 240, 1200),
  ],
  [/^POST virtualmachines\/(assess|install)patches$/, windows('PatchOperation', 240, 1200)],
  [/^POST virtualmachines|^\w+ virtualmachines\//, windows('UpdateVM', 240, 1200)],
  [/^GET locations\/operations$/, windows('GetOperation', 15000, 30000)],
];
const OLD_IMAGE_RULES: Rules = [
  [/^PUT images$/, windows('CreateImages', 40, 200)],
  [/^DELETE images$/, windows('DeleteImages', 150, 750)],
  [/^GET images\/\*$/, windows('HighCostGetImages', 120, 600)],
  [/^GET images$/, windows('GetImages', 360, 1800)],
];
const UPDATE_VM = vmBuckets('UpdateVM');
const DELETE_VM = vmBuckets('DeleteVM');

/** Which buckets: first matching line of `METHOD type[/action]`, `/*` being a list. */
const RULES: Rules = [
  [/^GET virtualmachines\/\*$/, [bucket('HighCostGetSubscriptionMaximum', 900, 300)]],
  [/^(GET virtualmachines(\/|$)|POST virtualmachines\/retrieveboot)/, LOW_COST_GET],
  [/^PUT virtualmachines$/, vmBuckets('PutVM')],
  [/^(DELETE virtualmachines|POST virtualmachines\/(deallocate|simulateeviction))$/, DELETE_VM],
  [/^POST virtualmachines\/(assess|install)patches$/, vmBuckets('VMGuestPatchOperation')],
  [/^POST virtualmachines\/attachdetachdatadisks$/, vmBuckets('AttachDetachVMDisks')],
  [/^(PATCH|POST) virtualmachines|^\w+ virtualmachines\//, UPDATE_VM],
  [/^GET locations\/operations$/, GET_OPERATION],
  [/^GET locations\/diskoperations$/, windows('GetOperation', 15000, 50000)],
  [/^GET locations\/capsoperations$/, windows('GetOperationStatus', 5000, 15000)],
  [
    /^GET galleries\/images\/versions\/\*$/,
    windows('ListGalleryImageVersionsInGalleryImage', 100, 1000),
  ],
  [/^GET galleries\/images\/versions$/, windows('GetGalleryImageVersion', 2000, 10000)],
  [
    /^(PUT|PATCH) galleries\/images\/versions$/,
    windows('CreateUpdateGalleryImageVersion', 375, 1200),
  ],
  [/^DELETE galleries\/images\/versions$/, windows('DeleteGalleryImageVersion', 150, 1000)],
  [/^GET galleries\/images\/\*$/, windows('ListGalleryImagesInGallery', 100, 1000)],
  [/^GET galleries\/images$/, windows('GetGalleryImage', 600, 3000)],
  [/^(PUT|PATCH) galleries\/images$/, windows('CreateUpdateGalleryImage', 150, 750)],
  [/^DELETE galleries\/images$/, windows('DeleteGalleryImage', 150, 750)],
  [/^POST galleries\/share$/, windows('PostShareGallery', 100, 1000)],
  [/^GET galleries\/\*$/, windows('ListGalleryInResourceGroup', 100, 1000)],
  [/^GET galleries$/, windows('GetGallery', 350, 2500)],
  [/^(PUT|PATCH) galleries$/, windows('CreateUpdateGallery', 60, 300)],
  [/^DELETE galleries$/, windows('DeleteGallery', 60, 300)],
  [/^(PUT snapshots$|POST snapshots\/)/, windows('HighCostSnapshotCreateHydrate', 1000, 8000)],
  [/^DELETE (disks|snapshots)$/, windows('DeleteDisks', 3000, 12000)],
  [/^POST disks\//, windows('HighCostDiskHydrate', 1000, 8000)],
  [/^(PUT|PATCH) (disks|snapshots)$/, windows('CreateUpdateDisks', 1000, 8000)],
  [
    /^GET (disks|snapshots|diskencryptionsets|diskaccesses)\/\*$/,
    windows('HighCostGet', 1000, 10000),
  ],
  [/^GET (disks|snapshots|diskencryptionsets|diskaccesses)$/, windows('LowCostGet', 15000, 120000)],
  [/^(PUT|PATCH) diskencryptionsets$/, windows('CreateUpdateHighCostDiskEncryptionSet', 100, 300)],
  [/^DELETE diskencryptionsets$/, windows('HighCostDiskEncryptionSet', 100, 300)],
  [/^PUT images$/, [bucket('CreateImagesSubscriptionMaximum', 60, 20)]],
  [/^DELETE images$/, [bucket('DeleteImagesSubscriptionMaximum', 150, 50)]],
  [/^GET images\/\*$/, [bucket('HighCostGetImagesSubscriptionMaximum', 120, 40)]],
  [/^GET images$/, [bucket('GetImagesSubscriptionMaximum', 360, 120)]],
];

/** ARM's own limits: per subscription, principal and region (request-limits-and-throttling). */
const ARM_BUCKETS = {
  reads: bucket('reads', 250, 1500),
  writes: bucket('writes', 200, 600),
  deletes: bucket('deletes', 200, 600),
} as const;

/** Fill levels, kept for as long as the local Azure lives. */
export class Throttle {
  #levels = new Map<string, { level: number; at: number }>();
  #timeline: Timeline;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /**
   * Draws one request from each of its buckets and returns the headers that tell what is left.
   * Throws Azure's 429 with `Retry-After` in real seconds when one is empty.
   */
  draw(method: string, path: string): Record<string, string> {
    const { subscriptionId } = parseId(path);
    if (subscriptionId === undefined) return {};
    const kind = method === 'DELETE' ? 'deletes' : isRead(method) ? 'reads' : 'writes';
    const own = ARM_BUCKETS[kind];
    const left = this.#take(own, subscriptionId, () => armThrottled(subscriptionId, method, path));
    const headers: Record<string, string> = {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(left),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(own.capacity * 15 - 1),
    };
    const buckets = bucketsOf(method, path, this.#timeline.now());
    if (buckets.length === 0) return headers;
    const remaining = buckets.map((each) => {
      const owner = each.scope === 'resource' ? resourceOf(path) : subscriptionId;
      const rest = this.#take(each, owner, () => computeThrottled(each, this.#timeline.now()));
      return `Microsoft.Compute/${each.name};${rest}`;
    });
    headers['x-ms-ratelimit-remaining-resource'] = remaining.join(',');
    headers['x-ms-request-charge'] = '1';
    return headers;
  }

  #take(each: Bucket, owner: string, refusal: () => ArmError): number {
    const key = `${each.name} ${owner.toLowerCase()}`;
    const now = this.#timeline.now();
    const known = this.#levels.get(key) ?? { level: each.capacity, at: now };
    const refilled = known.level + ((now - known.at) / 60_000) * each.perMinute;
    const level = Math.min(each.capacity, refilled);
    this.#levels.set(key, { level: Math.max(0, level - 1), at: now });
    if (level >= 1) return Math.floor(level - 1);
    this.#levels.set(key, { level, at: now });
    const seconds = ((1 - level) / each.perMinute) * 60;
    const wait = String(Math.max(1, Math.ceil(seconds / this.#timeline.clock.speed)));
    const { status, body, headers } = refusal();
    throw new ArmError(status, body, { ...headers, 'retry-after': wait });
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function bucketsOf(method: string, path: string, now: number): readonly Bucket[] {
  const { type, rest } = parseId(path);
  const [namespace, ...types] = type.toLowerCase().split('/');
  if (namespace !== 'microsoft.compute') return [];
  const inner = types.join('/');
  const list = isRead(method) && rest !== undefined && rest.toLowerCase() !== 'instanceview';
  const what = list
    ? `${[inner, rest].filter((part) => part !== '').join('/')}/*`
    : [inner, rest].filter((part) => part !== undefined && part !== '').join('/');
  const line = `${method} ${what.toLowerCase()}`;
  if (inner === 'diskencryptionsets' && !isRead(method) && !hasSetWriteLimits(now)) {
    return windows('HighCostDiskEncryptionSet', 100, 300);
  }
  if (/^(galleries|locations\/capsoperations)/.test(inner) && !hasGalleryLimits(now)) return [];
  if (/^GET galleries\/images\/(versions\/)?\*$/i.test(line) && !hasGalleryListLimits(now))
    return [];
  const rules = [
    ...(hasTokenBuckets(now) ? [] : OLD_VM_RULES),
    ...(hasImageTokenBuckets(now) ? [] : OLD_IMAGE_RULES),
    ...RULES,
  ];
  return rules.find(([pattern]) => pattern.test(line))?.[1] ?? [];
}

/** The resource whose own bucket a request draws on: the VM, or for polls the operation. */
function resourceOf(path: string): string {
  const lower = path.toLowerCase();
  return /^(.*\/virtualmachines\/[^/]+)/.exec(lower)?.[1] ?? lower;
}

/**
 * A compute limit is reached. Shape: Microsoft's "Troubleshoot API throttling errors"; the
 * numbers in the inner message are invented.
 */
function computeThrottled(each: Bucket, now: number): ArmError {
  const operationGroup = each.name.replace(/(SubscriptionMaximum|Resource)$/, '');
  const measured = {
    operationGroup,
    startTime: new Date(now - 60_000).toISOString(),
    endTime: new Date(now).toISOString(),
    allowedRequestCount: each.capacity,
    measuredRequestCount: each.capacity + 1,
  };
  const detail = { code: 'TooManyRequests', target: each.name, message: JSON.stringify(measured) };
  return new ArmError(429, {
    code: 'OperationNotAllowed',
    message:
      'The server rejected the request because too many requests have been received for this ' +
      (each.scope === 'resource' ? 'resource.' : 'subscription.'),
    details: [detail],
  });
}

/** ARM's own limit is reached (errors.json, `throttle.arm_429`). */
function armThrottled(subscriptionId: string, method: string, path: string): ArmError {
  const operation = `${method}/${parseId(path).type}/`.toUpperCase();
  const message =
    `Number of requests for subscription '${subscriptionId}' and operation '${operation}' ` +
    'exceeded the backend storage limit. Please try again later.';
  return new ArmError(429, { code: 'SubscriptionRequestsThrottled', message });
}
