import type { Companion } from '../domain/companions.ts';
import type { Finding } from '../domain/finding.ts';
import type { OsType } from '../domain/observed.ts';
import type { RegionChoice, TargetRegion } from '../domain/regions.ts';
import type { WaitFor } from '../domain/request.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { SnapshotTarget } from '../domain/target.ts';
import type { VersionChange, VersionOrder } from '../domain/version-order.ts';

interface Head {
  /** Unique in its plan. */
  readonly id: string;
  /** IDs of the steps that must have ended well before this one starts. */
  readonly needs: readonly string[];
  /** Resource IDs it creates or changes. */
  readonly resources: readonly string[];
  /** Whether no later run can take it back. */
  readonly irreversible: boolean;
  /** Median of recorded operations (traffic/durations.json, 2023 and later), seconds. */
  readonly expectedSeconds: number;
}

/** The kinds of step there are. A step is plain data; `run/steps/` says how each is done. */
export type Step = Head &
  (
    | {
        readonly do: 'snapshot';
        readonly of: readonly SnapshotTarget[];
        /** With those that an earlier attempt took, OS disk first. */
        readonly all: readonly SnapshotTarget[];
        readonly purpose: 'rollback' | 'source';
      }
    | { readonly do: 'start'; readonly vm: string }
    | {
        readonly do: 'deprovision';
        readonly vm: string;
        readonly osType: OsType;
        /** The user's own, run in the guest first. */
        readonly script?: string;
        readonly timeoutSeconds: number;
      }
    | { readonly do: 'deallocate'; readonly vm: string }
    | {
        readonly do: 'generalize';
        readonly vm: string;
        /** The user asserts that it is deprovisioned. */
        readonly vouched: boolean;
      }
    | {
        readonly do: 'image';
        readonly vm: string;
        readonly image: string;
        readonly location: string;
      }
    | { readonly do: 'discard'; readonly version: string }
    | { readonly do: 'publish'; readonly version: string; readonly order: VersionOrder }
    | { readonly do: 'update'; readonly version: string; readonly change: VersionChange }
    | {
        readonly do: 'replicate';
        readonly version: string;
        readonly regions: readonly TargetRegion[];
        readonly until: WaitFor;
        /** Home region. */
        readonly home: string;
        /** What may be tried on a version that failed in some region; nothing: left out. */
        readonly repair?: Repair;
        /** Regions that a repair took away, and that are not waited for in this step. */
        readonly away?: readonly string[];
      }
    | { readonly do: 'remove'; readonly of: readonly string[] }
    | { readonly do: 'prune'; readonly of: readonly string[] }
    | { readonly do: 'retire'; readonly vm: string; readonly companions: readonly Companion[] }
  );

/**
 * What is tried on a version that failed in some region: the same request again, or, where that did
 * not help and the user allows it, the failed regions taken away and added again (azure-cli#15539).
 */
export type Repair = 'again' | 're-add';

export type StepKind = Step['do'];

/** The step of one kind. */
export type StepOf<K extends StepKind> = Extract<Step, { do: K }>;

export interface Plan {
  readonly steps: readonly Step[];
}

/** Resource IDs that a plan writes to, and those that it deletes. */
export function writesOf(steps: readonly Step[]) {
  const of = (wanted: (kind: StepKind) => boolean) => [
    ...new Set(steps.flatMap((step) => (wanted(step.do) ? step.resources : []))),
  ];
  return {
    changes: of((kind) => !DELETES.includes(kind) && kind !== 'replicate'),
    deletions: of((kind) => DELETES.includes(kind)),
  };
}

const DELETES: readonly StepKind[] = ['discard', 'remove', 'prune', 'retire'];

/** What a person reads of a step: in the log's groups, the plan table, the dry run. */
export function describeStep(step: Step): string {
  switch (step.do) {
    case 'snapshot':
      return `Snapshot ${step.of.length === 1 ? 'the disk' : `${step.of.length} disks`} of the build VM${step.purpose === 'source' ? ' to capture from' : ''}`;
    case 'start':
      return `Start ${nameOf(step.vm)}`;
    case 'deprovision':
      return `Deprovision ${nameOf(step.vm)}`;
    case 'deallocate':
      return `Deallocate ${nameOf(step.vm)}`;
    case 'generalize':
      return `Generalize ${nameOf(step.vm)}`;
    case 'image':
      return `Make the temporary managed image ${nameOf(step.image)}`;
    case 'discard':
      return `Delete the failed image version ${nameOf(step.version)}`;
    case 'publish':
      return `Create image version ${nameOf(step.version)}`;
    case 'update':
      return `Change image version ${nameOf(step.version)}: ${describeChange(step.change)}`;
    case 'remove':
      return `Delete ${step.of.map(nameOf).join(', ')}, only needed to capture from`;
    case 'prune':
      return `Delete ${step.of.length} older snapshots: ${step.of.map(nameOf).join(', ')}`;
    case 'retire':
      return `Delete ${[step.vm, ...step.companions.map(({ id }) => id)].map(nameOf).join(', ')}`;
    case 'replicate':
      return `Replicate image version ${nameOf(step.version)} to ${step.regions.map((region) => region.name).join(', ') || 'the region of the build VM'}${describeRepair(step)}`;
  }
}

function describeRepair({ away, repair }: StepOf<'replicate'>): string {
  if (away) return `, without ${away.join(', ')}`;
  return repair === 're-add' ? '; a region that fails twice is taken away and added again' : '';
}

/** Seconds that a plan usually takes: its longest chain of steps that wait for one another. */
export function expectedTotal(steps: readonly Step[]): number {
  const ends = new Map<string, number>();
  const endOf = (step: Step): number => {
    const known = ends.get(step.id);
    if (known !== undefined) return known;
    const needed = steps.filter(({ id }) => step.needs.includes(id)).map(endOf);
    const end = Math.max(0, ...needed) + step.expectedSeconds;
    ends.set(step.id, end);
    return end;
  };
  return Math.max(0, ...steps.map(endOf));
}

/** What a change does, in one line. */
export function describeChange(change: VersionChange): string {
  const { remove, setAside = [], bringBack = [] } = change;
  const { excludeFromLatest, endOfLife, blockDeletionBeforeEndOfLife } = change;
  const regions = change.regions.filter(({ name }) => !bringBack.includes(name));
  const parts = [
    setAside.length > 0 &&
      `take ${setAside.map(({ name }) => name).join(', ')} away, to be added again`,
    bringBack.length > 0 && `add ${bringBack.join(', ')} again`,
    regions.length > 0 && `regions ${regions.map(describeRegion).join(', ')}`,
    remove.length > 0 && `remove ${remove.join(', ')}`,
    excludeFromLatest !== undefined && (excludeFromLatest ? 'out of latest' : 'into latest'),
    endOfLife && `end of life ${endOfLife.toISOString().slice(0, 10)}`,
    blockDeletionBeforeEndOfLife !== undefined &&
      `${blockDeletionBeforeEndOfLife ? 'block' : 'allow'} deletion before its end of life`,
    Object.keys(change.tags).length > 0 && `tags ${Object.keys(change.tags).join(', ')}`,
  ].filter((part) => typeof part === 'string');
  return parts.join('; ') || 'the same again, to repair it';
}

function describeRegion({ name, replicas, excludeFromLatest }: RegionChoice): string {
  const details = [
    replicas !== undefined && `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
    excludeFromLatest !== undefined && (excludeFromLatest ? 'out of latest' : 'into latest'),
  ].filter((part) => typeof part === 'string');
  return details.length > 0 ? `${name} (${details.join(', ')})` : name;
}

/** The `plan` output, as action.yml documents it. */
export function planOutput(
  operation: string,
  target: Readonly<Record<string, unknown>>,
  steps: readonly Step[],
  findings: readonly Finding[],
) {
  return {
    schema: 1,
    operation,
    target,
    steps: steps.map(({ id, do: kind, needs, resources, irreversible, expectedSeconds }) => ({
      id,
      do: kind,
      needs,
      resources,
      irreversible,
      expectedSeconds,
    })),
    findings: findings.map(({ rule, severity, message, remedy }) => ({
      rule,
      severity,
      message,
      remedy,
    })),
  };
}
