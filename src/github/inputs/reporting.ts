import type { InputSource } from './reader.ts';

/** How the run reports, whatever comes of it. */
export interface Reporting {
  /** Nothing is to be changed. */
  readonly dryRun: boolean;
  /** Keep a comment on the pull request up to date. */
  readonly comment: boolean;
  /** For GitHub's REST API; empty when there is none. */
  readonly token: string;
  /** Where all outputs go as JSON. */
  readonly resultFile?: string;
}

/**
 * Read before everything else and without complaint, so that a mistake in any input is reported
 * the way that was asked for; `readAssignment` complains of a flag that is none.
 */
export function readReporting({ get }: InputSource): Reporting {
  const flag = (name: string) => get(name).trim().toLowerCase() === 'true';
  const resultFile = get('result-file').trim();
  return {
    dryRun: flag('dry-run'),
    comment: flag('comment'),
    token: get('github-token').trim(),
    ...(resultFile && { resultFile }),
  };
}
