/**
 * How a version spreads over its regions, and what `replicationStatus` shows meanwhile. No recording
 * has a replication in progress: the sequence of states and
 * percentages is invented within what is documented of it. Regions finish in different order, and
 * one may stay at 99 % for a while after the operation has succeeded.
 */
import type { Arm } from '../../arm.ts';
import { idKey } from '../../arm-id.ts';
import type { RegionFault } from '../../faults.ts';
import { type JsonObject, numberAt, objectsAt, textAt } from '../../json.ts';
import { compactRegion } from '../../regions.ts';
import type { Resource } from '../../world.ts';
import { sameRegion } from './targets.ts';

/** Seconds a region that lags needs after the operation has succeeded: "~10 more min". */
const lagSeconds = 600;

/** Version operations end on multiples of this many seconds (recorded). */
const gridSeconds = 15;

/** Medians in seconds: a create in one region, each way, and one more region (recorded). */
const usual = { full: 427.9, shallow: 45.2, metadata: 150.3, region: 376 };

/** How many times a region's percentage changes on its way. */
const steps = 20;

/** What is to be replicated, and how long it usually takes. */
export interface ReplicationPlan {
  /** Compact names of the regions to copy to, in target order. */
  readonly regions: readonly string[];
  /** Seconds the whole operation usually takes. */
  readonly seconds: number;
}

/** Plans the first build of a version. */
export function planCreate(version: Resource): ReplicationPlan {
  const profile = version.properties.publishingProfile;
  const regions = objectsAt(profile, 'targetRegions').map((each) =>
    compactRegion(textAt(each, 'name') ?? ''),
  );
  const base = textAt(profile, 'replicationMode') === 'Shallow' ? usual.shallow : usual.full;
  if (regions.length <= 1) return { regions, seconds: base };
  const times = regions.map((region) =>
    regionSeconds(version.id, region, base, replicasIn(version, region)),
  );
  return { regions, seconds: onGrid(Math.max(...times)) };
}

/** Plans an update of a built version: only regions that are new, failed or grown are copied to. */
export function planUpdate(version: Resource, before: JsonObject): ReplicationPlan {
  const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
  const targets = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
  const regions = targets
    .filter((target) => {
      const old = objectsAt(before, 'targetRegions').find((each) =>
        sameRegion(each.name, target.name),
      );
      const state = summary.find((each) => sameRegion(each.region, target.name))?.state;
      const hasGrown =
        (numberAt(target, 'regionalReplicaCount') ?? 1) >
        (numberAt(old, 'regionalReplicaCount') ?? 1);
      return old === undefined || hasGrown || (state !== undefined && state !== 'Completed');
    })
    .map((target) => compactRegion(textAt(target, 'name') ?? ''));
  if (regions.length === 0) return { regions, seconds: usual.metadata };
  const times = regions.map((region) =>
    regionSeconds(version.id, region, usual.region, replicasIn(version, region)),
  );
  return { regions, seconds: onGrid(regions.length === 1 ? usual.region : Math.max(...times)) };
}

/** Invented: up to half as long again by region, and 3 % more for every further replica. */
function regionSeconds(id: string, region: string, base: number, replicas: number): number {
  return base * (1 + 0.5 * chance(`${id} ${region}`)) * (1 + 0.03 * (replicas - 1));
}

function onGrid(seconds: number): number {
  return Math.ceil(seconds / gridSeconds) * gridSeconds;
}

function replicasIn(version: Resource, region: string): number {
  const targets = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
  return (
    numberAt(
      targets.find((each) => sameRegion(each.name, region)),
      'regionalReplicaCount',
    ) ?? 1
  );
}

/** A number from 0 to 1 that depends on the text alone (FNV-1a), whatever else has happened. */
function chance(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text.toLowerCase()) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return hash / 0x1_0000_0000;
}

/** What becomes of a replication, beyond its plan. */
interface ReplicationFate {
  /** Seconds that the operation takes in the end. */
  readonly seconds: number;
  /** Whether a region may lag behind the operation. */
  readonly mayLag: boolean;
  readonly fault: RegionFault | undefined;
  /** The operation is going to fail: no region gets there. */
  readonly isDoomed: boolean;
}

/** Drives `replicationStatus` of versions by events on the timeline. */
export class Replications {
  readonly #arm: Arm;
  readonly #pending = new Map<string, (() => void)[]>();

  constructor(arm: Arm) {
    this.#arm = arm;
  }

  /** Begins to replicate; regions not in the plan keep their state, dropped ones disappear. */
  begin(version: Resource, plan: ReplicationPlan, fate: ReplicationFate): void {
    this.stop(version.id);
    const known = objectsAt(version, 'properties', 'replicationStatus', 'summary');
    const targets = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
    const summary = targets.map((target): JsonObject => {
      const region = compactRegion(textAt(target, 'name') ?? '');
      const old = known.find((each) => sameRegion(each.region, region));
      if (!plan.regions.includes(region)) return old ?? completed(region);
      return { region, state: 'Replicating', details: '', progress: 0 };
    });
    version.properties.replicationStatus = { aggregatedState: aggregate(summary), summary };
    const lagging = fate.mayLag ? laggard(version, plan.regions) : undefined;
    for (const status of summary) {
      const region = textAt(status, 'region') ?? '';
      if (plan.regions.includes(region)) this.#schedule(version, status, fate, region === lagging);
    }
  }

  /** Forgets what was to happen to a version's regions. */
  stop(id: string): void {
    for (const cancel of this.#pending.get(idKey(id)) ?? []) cancel();
    this.#pending.delete(idKey(id));
  }

  /** The operation has failed: whatever is not there will not get there. */
  fail(version: Resource, details: string): void {
    this.stop(version.id);
    const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
    for (const status of summary) {
      if (status.state !== 'Completed') Object.assign(status, { state: 'Failed', details });
    }
    version.properties.replicationStatus = { aggregatedState: aggregate(summary), summary };
  }

  #schedule(version: Resource, status: JsonObject, fate: ReplicationFate, lags: boolean): void {
    const region = textAt(status, 'region') ?? '';
    const fails = fate.fault !== undefined && sameRegion(fate.fault.name, region);
    const own = fate.seconds * (0.7 + 0.27 * chance(`${version.id} ${region}`));
    const set = (progress: number, state: string, details = ''): void => {
      Object.assign(status, { state, details, progress });
      const summary = objectsAt(version, 'properties', 'replicationStatus', 'summary');
      version.properties.replicationStatus = { aggregatedState: aggregate(summary), summary };
    };
    const last = fate.isDoomed ? steps / 2 : steps - 1;
    for (let step = 1; step <= last; step++) {
      const progress = Math.min(
        99,
        Math.round((100 * step) / steps + (step === steps - 1 ? 4 : 0)),
      );
      this.#after(version.id, (own * step) / steps, () => set(progress, 'Replicating'));
    }
    if (fate.isDoomed) return;
    if (fails) {
      const { state, details = 'Failed with internal server error.' } = fate.fault;
      this.#after(version.id, own, () => set(numberAt(status, 'progress') ?? 0, state, details));
      return;
    }
    const end = lags ? fate.seconds + lagSeconds : own;
    this.#after(version.id, end, () => set(100, 'Completed'));
  }

  #after(id: string, seconds: number, effect: () => void): void {
    if (!Number.isFinite(seconds)) return;
    const cancel = this.#arm.timeline.after(seconds, effect);
    const key = idKey(id);
    this.#pending.set(key, [...(this.#pending.get(key) ?? []), cancel]);
  }
}

/** Of several regions, one that is not the version's own and not the only one; by chance none. */
function laggard(version: Resource, regions: readonly string[]): string | undefined {
  const others = regions.filter((region) => !sameRegion(region, version.location));
  if (others.length === 0 || chance(version.id) < 0.25) return undefined;
  return others[Math.floor(chance(`${version.id} lags`) * others.length)];
}

function completed(region: string): JsonObject {
  return { region, state: 'Completed', details: '', progress: 100 };
}

function aggregate(summary: readonly JsonObject[]): string {
  const states = summary.map((each) => each.state);
  if (states.includes('Failed')) return 'Failed';
  return states.every((state) => state === 'Completed') ? 'Completed' : 'InProgress';
}

/** Regions that have failed, with what is said of each. */
export function failedRegions(version: Resource): { region: string; details: string }[] {
  return objectsAt(version, 'properties', 'replicationStatus', 'summary')
    .filter((each) => each.state !== 'Completed' && each.state !== 'Replicating')
    .map((each) => ({
      region: textAt(each, 'region') ?? '',
      details: textAt(each, 'details') ?? '',
    }));
}
