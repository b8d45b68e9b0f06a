import { Failure } from '../domain/failure.ts';

/** The end of a run that somebody cancelled. */
export const cancelled = (): Failure =>
  new Failure({
    kind: 'cancelled',
    what: 'The run was cancelled.',
    why: 'Operations that Azure has accepted continue.',
    remedy: 'Re-run the failed job; it resumes here.',
  });

/** The end of a run that used up its time. */
export const timedOut = (seconds: number): Failure =>
  new Failure({
    kind: 'timeout',
    what: `The run timed out: \`timeout-minutes\` allows ${seconds / 60}.`,
    why: 'Operations that Azure has accepted continue.',
    remedy:
      'Re-run the failed job; it resumes here. If this happens often, raise `timeout-minutes`, and `timeout-minutes` of the job.',
  });
