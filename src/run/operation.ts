import type { Finding, Unchecked } from '../domain/finding.ts';
import type { LatestByRegion, LatestChange } from '../domain/latest.ts';
import type { ImageVersion } from '../domain/observed.ts';
import type { Target } from '../domain/target.ts';
import type { Repair, Step } from '../plan/plan.ts';
import type { Reads } from './ports.ts';

/** What every operation observes of its target, whatever else it looks at. */
export interface Seen {
  /** The target's version, with its replication. */
  readonly version: ImageVersion | undefined;
  /** Snapshots of the state before the change that exist, OS disk first. */
  readonly snapshots: readonly { readonly id: string }[];
}

/** What the target's own resources are like, and the steps that are missing. */
export interface Situation<T extends Target, S extends Seen> {
  readonly target: T;
  readonly seen: S;
  /** Empty when the target is reached. */
  readonly steps: readonly Step[];
}

/** What was found out before the first change. */
export interface Prepared<T extends Target, S extends Seen> {
  /** Absent when too much is missing; the findings then say what. */
  readonly found: Situation<T, S> | undefined;
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** What `latest` is now, and will be; only of an operation that may change it. */
  readonly latest?: LatestChange;
}

/**
 * What is particular to an operation. The loop around it (`converge`), the steps and the reports
 * are the same for all.
 */
export interface Operation<T extends Target, S extends Seen> {
  /**
   * Looks at everything, pins what is left open, plans, judges. Reads only.
   *
   * @param dryRun nothing will be done: what is built later may be missing
   */
  prepare(compute: Reads, dryRun: boolean): Promise<Prepared<T, S>>;
  /** Looks at the target's own resources as they are now. Reads only. */
  observe(compute: Reads, target: T): Promise<S>;
  /**
   * The steps that are missing; empty when the target is reached. Pure.
   *
   * @param repair how to repair a version that failed in some region; `again` when left out
   */
  plan(target: T, seen: S, repair?: Repair): readonly Step[];
  /** Whether somebody else has taken what this target was given, so that it must be chosen anew. */
  isLost(target: T, seen: S): boolean;
  /** What `latest` means now in the target's regions; of an operation that may have changed it. */
  latest?(compute: Reads, target: T): Promise<LatestByRegion>;
}
