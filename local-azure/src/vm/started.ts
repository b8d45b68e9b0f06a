/** Scripts that were started in a guest, as Run Command follows them. */
import type { ScriptBehaviour } from './guest-behaviour.ts';
import { AGENT_SECONDS, REBOOT_SECONDS } from './machine-durations.ts';
import type { LiveScript, RunOutcome, Started } from './machine-guest.ts';

/** What a script comes to that a world tells the end of. */
export const outcomeOf = (said: ScriptBehaviour): RunOutcome => ({
  stdout: said.stdout ?? '',
  stderr: said.stderr ?? '',
  exitCode: said.exitCode ?? 0,
  seconds: said.seconds ?? 0,
  agentKilled: false,
  poweredOff: false,
  hangs: said.ends === 'hangs',
  rebooted: said.ends === 'reboots' ? 'survived' : undefined,
});

/** A script that has run already, as its end shows in emulated time; `now` in milliseconds. */
export function ofOutcome(outcome: RunOutcome, now: () => number): Started {
  const { agentKilled, rebooted, hangs } = outcome;
  // What a script printed that had ended in time is reported when the agent runs again: invented.
  const late = rebooted === undefined ? 0 : REBOOT_SECONDS + AGENT_SECONDS;
  const seconds = hangs === true ? Number.POSITIVE_INFINITY : outcome.seconds + late;
  const end = now() + seconds * 1000;
  let stopped = false;
  const isLost = () => !stopped && (agentKilled || rebooted === 'killed');
  const ended = () => stopped || (now() >= end && !isLost());
  const shown = () => (stopped ? { ...outcome, exitCode: -1 } : outcome);
  return {
    seconds,
    outcome: () => (ended() ? shown() : undefined),
    printed: () => (ended() ? outcome : { stdout: '', stderr: '' }),
    isLost,
    stop: () => {
      stopped = !agentKilled;
    },
  };
}

/** A script that runs on while time passes. */
export const ofLive = (script: LiveScript): Started => ({
  outcome: () => {
    const { exitCode, stdout, stderr, lost } = script;
    if (exitCode === undefined || lost) return undefined;
    return { stdout, stderr, exitCode, seconds: 0, agentKilled: false, poweredOff: false };
  },
  printed: () => script,
  isLost: () => script.lost,
  verdict: () => script.verdict,
  stop: () => script.kill(),
});
