import * as core from '@actions/core';
import type { InputSource } from './inputs/reader.ts';
import { logLines } from './plain.ts';
import { gitHubRunner, TITLE } from './runner.ts';

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

/** A warning, or a notice, that stands in the run's summary page. */
export const tell = (message: string, severity: 'warning' | 'notice' = 'warning'): void =>
  gitHubRunner.annotate(severity, message, TITLE);

/** A line in the log. */
export const say = (line: string): void => {
  for (const text of logLines(line)) core.info(text);
};
