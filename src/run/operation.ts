import type { LatestByRegion, LatestChange } from '../domain/latest.ts';
import type { State } from '../domain/observed.ts';
import type { Target } from '../domain/target.ts';
import type { Step } from '../plan/plan.ts';
import type { Reads } from './ports.ts';
import type { Announcement, Facts } from './reporter.ts';

/** What the target's own resources are like, and the steps that are missing. */
export interface Situation<T extends Target> {
  readonly target: T;
  readonly seen: State;
  /** Empty when the target is reached. */
  readonly steps: readonly Step[];
}

/** What was found out before the first change. */
export interface Prepared<T extends Target>
  extends Omit<Announcement, 'target' | 'planned' | 'before'> {
  /** Absent when too much is missing; the findings then say what. */
  readonly found: Situation<T> | undefined;
  /** What `latest` is now, and will be; only of an operation that may change it. */
  readonly latest?: LatestChange;
  /** Of a prune: what is to become of the versions. */
  readonly pruning?: Facts['pruning'];
}

/**
 * What is particular to an operation. The loop around it (`converge`), the steps and the reports
 * are the same for all.
 */
export interface Operation<T extends Target> {
  /**
   * Looks at everything, pins what is left open, plans, judges. Reads only.
   *
   * @param dryRun nothing will be done: what is built later may be missing
   */
  prepare(compute: Reads, dryRun: boolean): Promise<Prepared<T>>;
  /** Looks at the target's own resources as they are now. Reads only. */
  observe(compute: Reads, target: T): Promise<State>;
  /** The steps that are missing; empty when the target is reached. Pure. */
  plan(target: T, seen: State): readonly Step[];
  /** Whether somebody else has taken what this target was given, so that it must be chosen anew. */
  isLost?(target: T, seen: State): boolean;
  /** What `latest` means now in the target's regions; of an operation that may have changed it. */
  latest?(compute: Reads, target: T): Promise<LatestByRegion>;
}
