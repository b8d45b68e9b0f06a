import type { Request } from '../../domain/request.ts';
import { parseChoice, parseDuration } from './fields.ts';
import type { InputSource } from './reader.ts';
import { EVERY } from './request.ts';

/** How the run reports, whatever comes of it. */
export interface Reporting {
  readonly operation: Request['operation'];
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
 * the way that was asked for; `readAssignment` complains of a flag that is none.
 */
export function readReporting({ get }: InputSource): Reporting {
  const flag = (name: string) => get(name).trim().toLowerCase() === 'true';
  const resultFile = get('result-file').trim();
  const operation = parseChoice(...EVERY)(get('operation').trim());
  const poll = parseDuration(1, 3600)(get('poll-interval').trim());
  return {
    operation: 'value' in operation ? operation.value : 'capture',
    dryRun: flag('dry-run'),
    comment: flag('comment'),
    token: get('github-token').trim(),
    ...(resultFile && { resultFile }),
    ...('value' in poll && { pollSeconds: poll.value }),
  };
}
