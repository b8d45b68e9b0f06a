import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';
import type { Severity } from '../domain/finding.ts';
import { jsonIn } from '../domain/plain-objects.ts';
import type { Leftovers } from '../plan/clean-up.ts';
import { append, whyNotAppendable } from './files.ts';
import type { InputSource } from './inputs/reader.ts';
import { cut, logLines, visible } from './plain.ts';

/** What a step can tell the runner that started it. */
export interface Runner {
  /** One line of the log, as it is; a workflow command takes effect. */
  print(line: string): void;
  /** An annotation, shown beside the run. */
  annotate(severity: Severity, text: string, title: string): void;
  /** An output of the step. */
  output(name: string, value: string): void;
  /**
   * Something that `post` is to know, see `readJournal`: `main` has begun; what it is doing; the
   * version that Azure has accepted; what a run may leave behind from now on; whether it has said
   * how it ended, `well` or `badly`.
   */
  save(name: 'main' | 'doing' | 'version' | 'leftovers' | 'finished', value: string): void;
}

/** The title of what the run itself has to say. */
const TITLE = 'Azure Golden Image';

/** Characters of an annotation: GitHub takes 64 KiB of one, and nobody reads as much. */
const LONGEST_ANNOTATION = 8_000;

const ANNOTATE = { error: core.error, warning: core.warning, notice: core.notice } as const;

/** Of the files through which a step gives something to the runner, what is told of each that fails. */
const failed = new Map<string, string>();
/** Whether `unwritableFiles` has told those that failed, so that a later one is told as a warning. */
let areTold = false;

/** The runner that started this process. */
export const gitHubRunner: Runner = {
  print: core.info,
  annotate: (severity, text, title) =>
    ANNOTATE[severity](cut(visible(text), LONGEST_ANNOTATION), { title: visible(title) }),
  output: (name, value) => give('GITHUB_OUTPUT', name, value, core.setOutput),
  save: (name, value) => give('GITHUB_STATE', name, value, core.saveState),
};

/**
 * Gives a value to the runner by its file, or, where the runner has none, the way runners did
 * before. A file that cannot be written is told of once.
 */
function give(
  variable: string,
  name: string,
  value: string,
  otherwise: (name: string, value: string) => void,
): void {
  const file = process.env[variable];
  if (!file) {
    otherwise(name, value);
    return;
  }
  const end = `ghadelimiter_${randomUUID()}`;
  note(variable, append(file, `${name}<<${end}\n${value}\n${end}\n`));
}

function note(variable: string, reason: string | undefined): void {
  if (reason === undefined || failed.has(variable)) return;
  const sentence = `The file of \`${variable}\` cannot be written: ${reason}.`;
  failed.set(variable, sentence);
  if (areTold) core.warning(sentence, { title: TITLE });
}

/** Why the runner's files cannot be written, one text for each; empty when they can. */
export function unwritableFiles(): string[] {
  for (const variable of ['GITHUB_OUTPUT', 'GITHUB_STATE']) {
    const file = process.env[variable];
    if (file) note(variable, whyNotAppendable(file));
  }
  areTold = true;
  return [...failed.values()];
}

/**
 * The inputs of this step, as the runner put them into the environment. Whether there is a session
 * of the Azure CLI is for the caller to know.
 */
export function inputSource(azSession: () => boolean): InputSource {
  const given = Object.keys(process.env)
    .filter((name) => name.startsWith('INPUT_'))
    .map((name) => name.slice('INPUT_'.length).toLowerCase());
  return {
    get: (name) => core.getInput(name, { trimWhitespace: false }),
    given,
    env: process.env,
    azSession,
    now: new Date(),
  };
}

/** Keeps a secret out of every log line from now on. */
export function mask(secret: string): void {
  if (secret) core.setSecret(secret);
}

/** What stands in the run's summary page, beside what the checks found. */
export const tell = (
  message: string,
  severity: Severity = 'warning',
  runner = gitHubRunner,
): void => runner.annotate(severity, message, TITLE);

/** Characters of one line of the log. */
const LONGEST_LINE = 8_000;

/** What is said in the log, whatever it holds. */
export const say = (text: string, runner = gitHubRunner): void => {
  for (const line of logLines(text)) runner.print(cut(line, LONGEST_LINE));
};

/** Whether this process is `post`, as post.js says it; in `main` it marks the run as begun. */
export function isPost(): boolean {
  if (core.getState('main')) return true;
  gitHubRunner.save('main', 'true');
  return false;
}

/**
 * What `main` has saved for `post`, which may have been killed at any instant. Nothing in it is
 * secret: names, resource IDs and this action's tags.
 */
export function readJournal() {
  const finished = core.getState('finished');
  return {
    /** Whether `main` has said how it ended. */
    finished: finished !== '',
    doing: core.getState('doing'),
    version: core.getState('version'),
    /** What may have been left behind; nothing after a run that ended well. */
    leftovers:
      finished === 'well'
        ? undefined
        : (jsonIn(core.getState('leftovers')) as Leftovers | undefined),
  };
}
