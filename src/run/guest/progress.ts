import { stripVTControlCharacters } from 'node:util';

/** What a guest has said so far of one deprovision. */
export interface Progress {
  /** `pending` when there is neither mark: not begun, at work, or killed. */
  readonly outcome: 'complete' | 'failed' | 'pending';
  /** The phase that failed, or the last one that began. */
  readonly phase?: string;
  /** When the last phase began, by the guest's clock, where the guest tells. */
  readonly phaseBegan?: Date;
  /** Of the phase that failed. */
  readonly exitCode?: number;
  /** The guest's own words; only the phases so far while it is at work. */
  readonly log: readonly string[];
  /** What is to be told as soon as it is heard. */
  readonly notes?: readonly string[];
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
  const { outcome, phase, phaseBegan, exitCode, log, phases, notes } = reading;
  return {
    outcome,
    ...(phase === undefined ? {} : { phase }),
    ...(phaseBegan === undefined ? {} : { phaseBegan }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(notes.length > 0 && { notes }),
    log: log.length > 0 ? log : phases.map((each) => `== ${each}`),
  };
}

interface Draft {
  outcome: Progress['outcome'];
  phase?: string;
  phaseBegan?: Date;
  exitCode?: number;
  log: string[];
  phases: string[];
  notes: string[];
}

const blank = (notes: string[] = []): Draft => ({ outcome: 'pending', log: [], phases: [], notes });

function take(draft: Draft, said: string): Draft {
  if (said.startsWith('started')) return blank(draft.notes);
  if (said.startsWith('log: ')) return { ...draft, log: [...draft.log, said.slice(5)] };
  if (said.startsWith('note: ')) return { ...draft, notes: [...draft.notes, said.slice(6)] };
  const [, begun, time] = /^phase: ([a-z-]+)(?: at (\S+))?/.exec(said) ?? [];
  if (begun) {
    const { phaseBegan: _, ...rest } = draft;
    const at = new Date(time ?? Number.NaN);
    const began = Number.isNaN(at.getTime()) ? {} : { phaseBegan: at };
    return { ...rest, ...began, phase: begun, phases: [...draft.phases, begun] };
  }
  if (said.startsWith('complete')) {
    const { phase: _, ...rest } = draft;
    return { ...rest, outcome: 'complete' };
  }
  const [, phase, exit] = /^failed phase=([a-z-]+) exit=(-?\d+)/.exec(said) ?? [];
  return phase ? { ...draft, outcome: 'failed', phase, exitCode: Number(exit) } : draft;
}
