import type { Failure } from '../domain/failure.ts';

/**
 * A version failed in some region and is complete in another: the same request again repairs it, as
 * Azure advises (azure-cli#15539, azure.md §5), so the loop tries that once before it gives up.
 */
export class Repairable extends Error {
  readonly failure: Failure;

  /** @param failure what the run ends with when the repair does not help */
  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'Repairable';
    this.failure = failure;
  }
}
