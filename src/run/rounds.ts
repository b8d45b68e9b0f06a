import { isAnother } from '../domain/gallery.ts';
import type { State } from '../domain/observed.ts';
import type { Target } from '../domain/target.ts';
import { deletion } from '../plan/common-steps.ts';
import type { Step } from '../plan/plan.ts';
import {
  afterLook,
  afterRound,
  afterStale,
  NOTHING_TRIED,
  nextRepair,
  type Repair,
  repairing,
} from '../plan/region-repair.ts';
import type { Interruption, Verdict } from './interruption.ts';
import type { Operation, Situation } from './operation.ts';

/*
 * What a run knows from round to round, and what follows from it. All of this is pure: `converge` looks,
 * works and tells.
 */

/** What a run knows when a round begins. */
export interface RunState {
  /** The last look, with the verdict of this attempt, of which no record stands in Azure yet. */
  readonly seen: State;
  /** The plan that was announced; absent after the first round. */
  readonly announced?: readonly Step[];
  /** Rounds that did work. */
  readonly rounds: number;
  /** Looks since the last of these that found nothing to do. */
  readonly waits: number;
  /** Whether the image works, as this attempt has found out itself. */
  readonly verdict?: Verdict;
  /** Whether a throw-away VM was made of this run's version, whosever has the number now. */
  readonly hasBooted: boolean;
  readonly repair: Repair;
}

/** What is particular to the run, and never changes. */
export interface Task<T extends Target> {
  readonly target: T;
  readonly operation: Pick<Operation<T>, 'plan' | 'isLost'>;
}

/** What is known before the first round. */
export const atFirst = ({ seen, steps }: Situation<Target>): RunState => ({
  seen,
  announced: steps,
  rounds: 0,
  waits: 0,
  hasBooted: false,
  repair: afterLook(NOTHING_TRIED, seen.version),
});

/** Whether another run took what this one was given. */
export const isLost = <T extends Target>({ seen }: RunState, { target, operation }: Task<T>) =>
  operation.isLost?.(target, seen) ?? false;

/** The steps that are missing. Of an image that failed and is gone, only its throw-away VM is left. */
export function stepsFor<T extends Target>(known: RunState, task: Task<T>): readonly Step[] {
  const { seen, announced, verdict, repair } = known;
  if (announced) return announced;
  if (verdict?.failure && isOfGone(verdict, seen, task)) return throwAwaysLeft(known);
  return repairing(repair, task.target, seen, (each) => task.operation.plan(task.target, each));
}

/** Deletes what this run has booted. */
export const throwAwaysLeft = ({ seen }: RunState): Step[] =>
  deletion('verify-vm', seen.throwAways ?? []);

/**
 * What is known after a round of work, and what a person should hear of it.
 *
 * Throws the failure that the run ends with when no repair is left.
 */
export function worked(
  before: RunState,
  how: Interruption | undefined,
  target: Target,
): { readonly known: RunState; readonly says?: string | undefined } {
  const { repair } = before;
  const known = { ...before, rounds: before.rounds + 1, waits: 0, repair: afterRound(repair) };
  switch (how?.is) {
    case undefined:
      return { known };
    case 'failed': {
      const next = nextRepair(repair, how.failure, how.version, target);
      return { known: { ...known, repair: next.repair }, says: next.says };
    }
    case 'stale':
      return {
        known: { ...known, repair: afterStale(repair) },
        says: `The state changed during the run (${how.what}). The run reads it again and continues.`,
      };
    case 'verified':
      // The run may have to wait for other regions before it ends with that: it is told at once.
      return { known: { ...known, verdict: how, hasBooted: true }, says: how.failure?.what };
  }
}

/** What is known after a round that found nothing to do, and waited. */
export const waited = (known: RunState): RunState => ({
  ...known,
  waits: known.waits + 1,
  repair: afterRound(known.repair),
});

/** What is known after another look: when what passed is gone, nothing of what is made in its place. */
export function looked<T extends Target>(before: RunState, seen: State, task: Task<T>): RunState {
  const { announced: _, verdict, ...known } = before;
  const rest = { ...known, repair: afterLook(before.repair, seen.version) };
  if (!verdict || (!verdict.failure && isOfGone(verdict, seen, task))) return { ...rest, seen };
  return { ...rest, verdict, seen: { ...seen, verification: verdict.verification } };
}

/** Whether what booted is not there any more; of one that was only made for its verdict, that does not matter. */
function isOfGone<T extends Target>({ of }: Verdict, seen: State, { target, operation }: Task<T>) {
  if (target.operation === 'capture' && target.request.ephemeral) return false;
  const { version } = seen;
  return !version || isAnother(of, version) || (operation.isLost?.(target, seen) ?? false);
}
