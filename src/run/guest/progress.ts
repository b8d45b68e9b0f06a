import { stripVTControlCharacters } from 'node:util';

/** What a guest has said so far of one deprovision. */
export interface Progress {
  /** `pending` when there is neither mark: not begun, at work, or killed. */
  readonly outcome: 'complete' | 'failed' | 'pending';
  /** The phase that failed, or the last one that began. */
  readonly phase?: string;
  /** Of the phase that failed. */
  readonly exitCode?: number;
  /** The guest's own words; only the phases so far while it is at work. */
  readonly log: readonly string[];
}

/**
 * Looks for the marks of the deprovision with this nonce, in a serial log or in what a command printed;
 * its last attempt counts. The text may begin anywhere, hold escape sequences, and lines of the kernel before, after or within ours.
 */
export function readProgress(text: string, nonce: string): Progress {
  const tag = `azure-golden-image[${nonce}] `;
  let reading: Draft = blank();
  for (const line of stripVTControlCharacters(text).split(/[\r\n]+/)) {
    const at = line.indexOf(tag);
    if (at >= 0) reading = take(reading, line.slice(at + tag.length));
  }
  const { outcome, phase, exitCode, log, phases } = reading;
  return {
    outcome,
    ...(phase === undefined ? {} : { phase }),
    ...(exitCode === undefined ? {} : { exitCode }),
    log: log.length > 0 ? log : phases.map((each) => `== ${each}`),
  };
}

interface Draft {
  outcome: Progress['outcome'];
  phase?: string;
  exitCode?: number;
  log: string[];
  phases: string[];
}

const blank = (): Draft => ({ outcome: 'pending', log: [], phases: [] });

function take(draft: Draft, said: string): Draft {
  if (said.startsWith('started')) return blank();
  if (said.startsWith('log: ')) return { ...draft, log: [...draft.log, said.slice(5)] };
  const begun = /^phase: ([a-z-]+)/.exec(said)?.[1];
  if (begun) return { ...draft, phase: begun, phases: [...draft.phases, begun] };
  if (said.startsWith('complete'))
    return { outcome: 'complete', log: draft.log, phases: draft.phases };
  const [, phase, exit] = /^failed phase=([a-z-]+) exit=(-?\d+)/.exec(said) ?? [];
  return phase ? { ...draft, outcome: 'failed', phase, exitCode: Number(exit) } : draft;
}
