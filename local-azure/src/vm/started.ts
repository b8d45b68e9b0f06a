/** Scripts that were started in a guest, as Run Command follows them. */
import type { ScriptBehaviour } from './guest-behaviour.ts';
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
