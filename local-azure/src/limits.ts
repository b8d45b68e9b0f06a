/**
 * Azure's request limits: which ones a request draws on, their names and sizes. Read off the
 * recorded `x-ms-ratelimit-*` headers, whose first number in a quiet subscription is the size less
 * one; VM limits also from compute-throttling-limits.md, ARM's own from request-limits-and-throttling.
 */
import { parseId } from './arm-id.ts';
import {
  hasArmTokenBuckets,
  hasGalleryLimits,
  hasGalleryListLimits,
  hasImageTokenBuckets,
  hasSetWriteLimits,
  hasTokenBuckets,
  hasWideDiskLimits,
  hasWideGalleryPolls,
} from './service-history.ts';

/** A limit: `capacity` requests, and how they come back. */
export interface Limit {
  readonly name: string;
  readonly capacity: number;
  /** Whose it is: each resource's own, or one of the whole subscription. */
  readonly scope: 'resource' | 'subscription';
  readonly refill: Refill;
}

/**
 * A bucket gets so many tokens at the end of every period, counted from its first request: one
 * recorded in test_vm_create_state_modifications is as it was after 30 s and full after 61 s. A
 * window slides: a request counts until it is so many seconds old (test_gallery_e2e: the number
 * for 30 minutes falls for 30 minutes, then stays).
 */
export type Refill =
  | { readonly everySeconds: number; readonly tokens: number }
  | { readonly windowSeconds: number };

/** What ARM itself counts: per subscription, principal and region, and fifteen times that for all. */
interface ArmLimits {
  /** Middle of the header's name. */
  readonly kind: 'reads' | 'writes' | 'deletes';
  readonly own: Limit;
  /** Of the subscription, whoever asks; there was none before the token buckets. */
  readonly global: Limit | undefined;
}

function perMinute(
  name: string,
  capacity: number,
  tokens: number,
  scope: Limit['scope'] = 'subscription',
): Limit {
  return { name, capacity, scope, refill: { everySeconds: 60, tokens } };
}

/** The pair of buckets of a group of VM operations (compute-throttling-limits.md). */
function vmBuckets(name: string): Limit[] {
  return [
    perMinute(`${name}SubscriptionMaximum`, 1500, 500),
    perMinute(`${name}Resource`, 12, 4, 'resource'),
  ];
}

/** The pair of windows that disks and galleries have, and VMs had. */
function windows(name: string, in3Minutes: number, in30Minutes: number): Limit[] {
  const over = (minutes: number, capacity: number): Limit => ({
    name: `${name}${minutes}Min`,
    capacity,
    scope: 'subscription',
    refill: { windowSeconds: minutes * 60 },
  });
  return [over(3, in3Minutes), over(30, in30Minutes)];
}

/** The first rule whose pattern fits a line such as `PUT disks` decides. */
type Rules = readonly (readonly [RegExp, readonly Limit[]])[];

const LOW_COST_GET = [
  perMinute('LowCostGetSubscriptionMaximum', 24000, 8000),
  perMinute('LowCostGetResource', 36, 12, 'resource'),
];
const GET_OPERATION = [
  perMinute('GetOperationResource', 45, 15, 'resource'),
  perMinute('GetOperationSubscriptionMaximum', 15000, 5000),
];
/** Limits of the VM service before it had token buckets. */
const FORMER_VM: Rules = [
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
const FORMER_IMAGE: Rules = [
  [/^PUT images$/, windows('CreateImages', 40, 200)],
  [/^DELETE images$/, windows('DeleteImages', 150, 750)],
  [/^GET images\/\*$/, windows('HighCostGetImages', 120, 600)],
  [/^GET images$/, windows('GetImages', 360, 1800)],
];
const FORMER_DISK: Rules = [
  [/^GET (disks|snapshots)$/, windows('LowCostGet', 5000, 20000)],
  [/^GET locations\/diskoperations$/, windows('GetOperation', 50000, 250000)],
  [/^PUT snapshots$/, windows('HighCostSnapshotCreateHydrate', 240, 1200)],
  [/^(PUT|PATCH) (disks|snapshots)$/, windows('CreateUpdateDisks', 1000, 4000)],
];
const FORMER_GALLERY_POLL: Rules = [
  [/^GET locations\/capsoperations$/, windows('GetOperationStatus', 1200, 4200)],
];
const UPDATE_VM = vmBuckets('UpdateVM');
const DELETE_VM = vmBuckets('DeleteVM');
const GET_DISK = windows('LowCostGet', 15000, 120000);

/** Which limits: first matching line of `METHOD type[/action]`, `/*` being a list. */
const RULES: Rules = [
  [/^GET virtualmachines\/\*$/, [perMinute('HighCostGetSubscriptionMaximum', 900, 300)]],
  [/^(GET virtualmachines(\/|$)|POST virtualmachines\/retrieveboot)/, LOW_COST_GET],
  [/^PUT virtualmachines$/, vmBuckets('PutVM')],
  [/^(DELETE virtualmachines|POST virtualmachines\/(deallocate|simulateeviction))$/, DELETE_VM],
  [/^POST virtualmachines\/(assess|install)patches$/, vmBuckets('VMGuestPatchOperation')],
  [/^POST virtualmachines\/attachdetachdatadisks$/, vmBuckets('AttachDetachVMDisks')],
  [/^(PATCH|POST) virtualmachines|^\w+ virtualmachines\//, UPDATE_VM],
  [/^GET locations\/operations$/, GET_OPERATION],
  [/^GET locations\/diskoperations$/, windows('GetOperation', 50000, 400000)],
  [/^GET locations\/capsoperations$/, windows('GetOperationStatus', 5000, 15000)],
  [
    /^GET galleries\/images\/versions\/\*$/,
    windows('ListGalleryImageVersionsInGalleryImage', 1500, 10000),
  ],
  [/^GET galleries\/images\/versions$/, windows('GetGalleryImageVersion', 2000, 10000)],
  [
    /^(PUT|PATCH) galleries\/images\/versions$/,
    windows('CreateUpdateGalleryImageVersion', 375, 1200),
  ],
  [/^DELETE galleries\/images\/versions$/, windows('DeleteGalleryImageVersion', 150, 1000)],
  [/^GET galleries\/images\/\*$/, windows('ListGalleryImagesInGallery', 1500, 10000)],
  [/^GET galleries\/images$/, windows('GetGalleryImage', 600, 3000)],
  [/^(PUT|PATCH) galleries\/images$/, windows('CreateUpdateGalleryImage', 150, 750)],
  [/^DELETE galleries\/images$/, windows('DeleteGalleryImage', 50, 300)],
  [/^POST galleries\/share$/, windows('PostShareGallery', 10, 60)],
  [/^GET galleries\/\*$/, windows('ListGalleryInResourceGroup', 100, 1000)],
  [/^GET galleries$/, windows('GetGallery', 350, 2500)],
  [/^(PUT|PATCH) galleries$/, windows('CreateUpdateGallery', 50, 300)],
  [/^DELETE galleries$/, windows('DeleteGallery', 50, 300)],
  [/^(PUT snapshots$|POST snapshots\/)/, windows('HighCostSnapshotCreateHydrate', 1000, 8000)],
  [/^DELETE (disks|snapshots)$/, windows('DeleteDisks', 3000, 24000)],
  [/^POST disks\//, windows('HighCostDiskHydrate', 1000, 8000)],
  [/^(PUT|PATCH) (disks|snapshots)$/, windows('CreateUpdateDisks', 3000, 25000)],
  [
    /^GET (disks|snapshots|diskencryptionsets|diskaccesses)\/\*$/,
    windows('HighCostGet', 240, 1920),
  ],
  [/^GET (disks|snapshots|diskencryptionsets)$/, GET_DISK],
  [/^GET diskaccesses$/, windows('LowCostDiskAccessGet', 1000, 5000)],
  [/^(PUT|PATCH|DELETE) diskaccesses$/, windows('HighCostDiskAccess', 100, 300)],
  [/^(PUT|PATCH) diskencryptionsets$/, windows('CreateUpdateHighCostDiskEncryptionSet', 100, 300)],
  [/^DELETE diskencryptionsets$/, windows('HighCostDiskEncryptionSet', 100, 300)],
  [/^PUT images$/, [perMinute('CreateImagesSubscriptionMaximum', 60, 20)]],
  [/^DELETE images$/, [perMinute('DeleteImagesSubscriptionMaximum', 150, 50)]],
  [/^GET images\/\*$/, [perMinute('HighCostGetImagesSubscriptionMaximum', 120, 40)]],
  [/^GET images$/, [perMinute('GetImagesSubscriptionMaximum', 360, 120)]],
];

/** The provider's limits that a request draws on, in the order its header names them. */
export function limitsOf(method: string, path: string, now: number): readonly Limit[] {
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
  const isGallery = /^(galleries|locations\/capsoperations)/i.test(what);
  if (isGallery && !hasGalleryLimits(now)) return [];
  const isGalleryList = /^GET galleries\/images\/(versions\/)?\*$/i.test(line);
  if (isGalleryList && !hasGalleryListLimits(now)) return [];
  const rules = [
    ...(hasTokenBuckets(now) ? [] : FORMER_VM),
    ...(hasImageTokenBuckets(now) ? [] : FORMER_IMAGE),
    ...(hasWideDiskLimits(now) ? [] : FORMER_DISK),
    ...(hasWideGalleryPolls(now) ? [] : FORMER_GALLERY_POLL),
    ...RULES,
  ];
  return rules.find(([pattern]) => pattern.test(line))?.[1] ?? [];
}

/** Size, and tokens a second, of ARM's buckets; before them, requests an hour. */
const ARM_SIZES = {
  reads: { capacity: 250, tokens: 25, hourly: 12000 },
  writes: { capacity: 200, tokens: 10, hourly: 1200 },
  deletes: { capacity: 200, tokens: 10, hourly: 15000 },
} as const;

/** ARM's limits on a request. */
export function armLimitsOf(method: string, now: number): ArmLimits {
  const kind = method === 'DELETE' ? 'deletes' : isRead(method) ? 'reads' : 'writes';
  const { capacity, tokens, hourly } = ARM_SIZES[kind];
  const scope = 'subscription';
  if (!hasArmTokenBuckets(now)) {
    const refill = { windowSeconds: 3600 };
    return { kind, own: { name: kind, capacity: hourly, scope, refill }, global: undefined };
  }
  const bucket = (name: string, times: number): Limit => ({
    name,
    capacity: capacity * times,
    scope,
    refill: { everySeconds: 1, tokens: tokens * times },
  });
  return { kind, own: bucket(kind, 1), global: bucket(`global-${kind}`, 15) };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
