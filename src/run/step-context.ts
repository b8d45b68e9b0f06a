import type { Target } from '../domain/target.ts';
import type { Compute } from './ports.ts';
import type { Reporter } from './reporter.ts';

/** What a step has at hand. */
export interface StepContext {
  readonly compute: Compute;
  readonly target: Target;
  readonly report: Reporter;
  /** Aborted with a `Failure` as its reason when the run is cancelled or out of time. */
  readonly signal: AbortSignal;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds: number | undefined;
}
