/**
 * What really happened in a local Azure, and when somebody noticed: the world is looked at every few
 * milliseconds, beside whoever works in it.
 */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { RecordedRequest } from '../../local-azure/src/requests.ts';
import type { Resource } from '../../local-azure/src/world.ts';

/** How often the world is looked at, milliseconds; the times below are as exact as that. */
const LOOK = 20;

/** The stages of the job, each of which can begin only when the one before has ended. */
const STAGES = ['snapshots', 'deallocate', 'generalize', 'version'] as const;
export type Stage = (typeof STAGES)[number];

/** Times in seconds since the contestant was started. */
export interface Leg {
  readonly stage: Stage;
  /** When its first request arrived. */
  readonly began: number;
  /** When what it is for was there. */
  readonly ended: number;
  /** Until the next stage was begun, or the contestant was done: nothing happened in Azure. */
  readonly unnoticed: number;
}

export interface Course {
  /** From start to end of the process. */
  readonly wall: number;
  /** Before its first request that changes anything: starting, signing in, looking. */
  readonly before: number;
  readonly legs: readonly Leg[];
  /** How long Azure worked: what no client could shorten. */
  readonly critical: number;
  /** How long a resource was being made, changed or deleted: the same, however stages overlap. */
  readonly busy: number;
  /** Requests to Resource Manager, and those of them that are no GET. */
  readonly requests: number;
  readonly writes: number;
}

/** Lets `work` run, and tells its course. `version` is the ID of the version that it makes. */
export async function follow(
  azure: LocalAzure,
  version: string,
  work: () => Promise<unknown>,
): Promise<Course> {
  azure.requests.clear();
  const ends = new Map<Stage, number>();
  let busy = 0;
  let looked = Date.now();
  const look = () => {
    azure.settle();
    const now = Date.now();
    if (azure.world.all().some(isChanging)) busy += now - looked;
    looked = now;
    for (const stage of STAGES)
      if (!ends.has(stage) && isThere[stage](azure, version)) ends.set(stage, Date.now());
  };
  const start = Date.now();
  const timer = setInterval(look, LOOK);
  await work().finally(() => clearInterval(timer));
  const stop = Date.now();
  look();
  return tell({ start, stop, ends, busy: busy / 1000, requests: azure.requests.all() });
}

const ofType = (azure: LocalAzure, type: string): Resource[] =>
  azure.world.all().filter((each) => each.type.toLowerCase() === `microsoft.compute/${type}`);

const isChanging = ({ properties }: Resource): boolean =>
  /^(Accepted|Running|Creating|Updating|Deleting)$/.test(String(properties.provisioningState));

const isDone = ({ properties }: Resource): boolean => properties.provisioningState === 'Succeeded';

const statusesOf = (azure: LocalAzure): string =>
  JSON.stringify(
    ofType(azure, 'virtualmachines').find(({ name }) => name === 'build-linux')?.properties
      .instanceView,
  );

const isThere: Readonly<Record<Stage, (azure: LocalAzure, version: string) => boolean>> = {
  snapshots: (azure) => {
    const all = ofType(azure, 'snapshots');
    return all.length === 2 && all.every(isDone);
  },
  deallocate: (azure) => statusesOf(azure).includes('PowerState/deallocated'),
  generalize: (azure) => statusesOf(azure).includes('OSState/generalized'),
  version: (azure, id) => {
    const made = azure.world.get(id);
    const status = made?.properties.replicationStatus as { aggregatedState?: string } | undefined;
    return made !== undefined && isDone(made) && status?.aggregatedState === 'Completed';
  },
};

const begins: Readonly<Record<Stage, RegExp>> = {
  snapshots: /^PUT .*\/snapshots\/[^/]+$/i,
  deallocate: /^POST .*\/deallocate$/i,
  generalize: /^POST .*\/generalize$/i,
  version: /^PUT .*\/versions\/[^/]+$/i,
};

function tell(seen: {
  start: number;
  stop: number;
  ends: ReadonlyMap<Stage, number>;
  busy: number;
  requests: readonly RecordedRequest[];
}): Course {
  const { start, stop, ends } = seen;
  const arm = seen.requests.filter(({ path }) => path.startsWith('/subscriptions'));
  const since = (time: number) => (time - start) / 1000;
  const began = (stage: Stage): number => {
    const first = arm.find(({ method, path }) => begins[stage].test(`${method} ${path}`));
    if (!first) throw new Error(`Nobody began the stage ${stage}`);
    return since(Date.parse(first.time));
  };
  const legs = STAGES.map((stage, index): Leg => {
    const end = ends.get(stage);
    if (end === undefined) throw new Error(`The stage ${stage} never ended`);
    const next = STAGES[index + 1];
    const ended = since(end);
    const until = next ? began(next) : since(stop);
    // What is done at once may be seen a moment after its client knows.
    return { stage, began: began(stage), ended, unnoticed: Math.max(0, until - ended) };
  });
  return {
    wall: since(stop),
    before: began('snapshots'),
    legs,
    busy: seen.busy,
    critical: legs.reduce((sum, leg) => sum + leg.ended - leg.began, 0),
    requests: arm.length,
    writes: arm.filter(({ method }) => method !== 'GET').length,
  };
}
