import { getState } from '@actions/core';
import { jsonIn } from '../domain/is-record.ts';
import type { Leftovers } from '../plan/clean-up.ts';
import { gitHubRunner } from './runner.ts';

/** Whether this process is `post`; in `main` it marks the run as begun. */
export function isPost(): boolean {
  if (getState('main')) return true;
  gitHubRunner.save('main', 'true');
  return false;
}

/**
 * What `main` has saved for `post`, which may have been killed at any instant. Nothing in it is
 * secret: names and resource IDs.
 */
export function readJournal() {
  const finished = getState('finished');
  return {
    /** Whether `main` has said how it ended. */
    finished: finished !== '',
    doing: getState('doing'),
    version: getState('version'),
    /** What may have been left behind; nothing after a run that ended well. */
    leftovers:
      finished === 'well' ? undefined : (jsonIn(getState('leftovers')) as Leftovers | undefined),
  };
}
