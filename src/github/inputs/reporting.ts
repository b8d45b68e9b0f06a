import { defined } from '../../domain/defined.ts';
import type { Operation } from '../../domain/request.ts';
import { InputReader, type InputSource } from './reader.ts';

/** How the run reports, whatever comes of it. */
export interface Reporting {
  readonly operation: Operation;
  /** Nothing is to be changed. */
  readonly dryRun: boolean;
  /** Keep a comment on the pull request up to date. */
  readonly comment: boolean;
  /** For GitHub's REST API; empty when there is none. */
  readonly token: string;
  /** Where all outputs go as JSON. */
  readonly resultFile?: string;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds?: number;
}

/**
 * Read before everything else and without complaint, so that a mistake in any input is reported
 * the way that was asked for; `readAssignment` complains.
 */
export function readReporting(source: InputSource): Reporting {
  const reader = new InputReader(source);
  return defined({
    operation: reader.value('operation'),
    dryRun: reader.value('dry-run'),
    comment: reader.value('comment'),
    token: reader.value('github-token') ?? '',
    resultFile: reader.value('result-file'),
    pollSeconds: reader.value('poll-interval'),
  });
}
