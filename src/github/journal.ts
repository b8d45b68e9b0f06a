import { getState } from '@actions/core';
import type { Leftovers } from '../plan/clean-up.ts';
import { gitHubRunner, type Runner } from './runner.ts';

const MAIN = 'main';
const DOING = 'doing';
const VERSION = 'version';
const LEFTOVERS = 'leftovers';
const FINISHED = 'finished';

/**
 * What `post` needs to know of `main`, which may have been killed at any instant. Nothing in it is
 * secret: names and resource IDs.
 */
export class Journal {
  readonly #runner: Pick<Runner, 'save'>;

  constructor(runner: Pick<Runner, 'save'>) {
    this.#runner = runner;
  }

  /** A step begins. */
  working(on: string): void {
    this.#runner.save(DOING, on);
  }

  /** Azure has accepted this version. */
  accepted(version: string): void {
    this.#runner.save(VERSION, version);
  }

  /** From now on the run may leave these behind. */
  mayLeave(leftovers: Leftovers): void {
    this.#runner.save(LEFTOVERS, JSON.stringify(leftovers));
  }

  /** The run has ended and said how. */
  finished(isWell: boolean): void {
    this.#runner.save(FINISHED, isWell ? 'well' : 'badly');
  }
}

/** Whether this process is `post`; in `main` it marks the run as begun. */
export function isPost(): boolean {
  if (getState(MAIN)) return true;
  gitHubRunner.save(MAIN, 'true');
  return false;
}

/** What `main` left, read in `post`. */
export function readJournal() {
  const finished = getState(FINISHED);
  return {
    /** Whether `main` has said how it ended. */
    finished: finished !== '',
    doing: getState(DOING),
    version: getState(VERSION),
    /** What may have been left behind; nothing after a run that ended well. */
    leftovers: finished === 'well' ? undefined : parse(getState(LEFTOVERS)),
  };
}

function parse(text: string): Leftovers | undefined {
  try {
    return text ? (JSON.parse(text) as Leftovers) : undefined;
  } catch {
    return undefined;
  }
}
