import { getState, saveState } from '@actions/core';

const MAIN = 'main';
const DOING = 'doing';
const VERSION = 'version';
const FINISHED = 'finished';

/** What `post` needs to know of `main`, which may have been killed at any instant. */
export class Journal {
  /** A step begins. */
  working(on: string): void {
    saveState(DOING, on);
  }

  /** Azure has accepted this version. */
  accepted(version: string): void {
    saveState(VERSION, version);
  }

  /** The run has ended and said how. */
  finished(): void {
    saveState(FINISHED, 'true');
  }
}

/** Whether this process is `post`; in `main` it marks the run as begun. */
export function isPost(): boolean {
  if (getState(MAIN)) return true;
  saveState(MAIN, 'true');
  return false;
}

/** What `main` left, read in `post`. */
export const readJournal = () => ({
  finished: getState(FINISHED) === 'true',
  doing: getState(DOING),
  version: getState(VERSION),
});
