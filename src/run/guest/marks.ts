import { consoleText } from './console-text.ts';
import { type GuestFinding, type Moment, readFinding } from './scheduling.ts';

/** What a guest has said so far of one deprovision, on its serial console or by a command. */
export interface Heard {
  /** `pending` when there is no last mark: not begun, at work, or killed. */
  readonly outcome: 'complete' | 'failed' | 'refused' | 'pending';
  /** Whether the guest has written anything with the nonce. */
  readonly greeted: boolean;
  /** Whether the order has arrived in the guest. */
  readonly begun: boolean;
  /** Whether the guest booted after its last mark, so that what it was at is over. */
  readonly restarted: boolean;
  /** The phase that failed, or the last one that began. */
  readonly phase?: string;
  /** When the last phase began, by the guest's clock, where the guest tells. */
  readonly phaseBegan?: Date;
  /** Of the phase that failed. */
  readonly exitCode?: number;
  /** Whether a phase failed because the system was shutting down. */
  readonly shutDown?: boolean;
  /** Why the guest refused the order. */
  readonly findings: readonly GuestFinding[];
  /** Of the last mark that tells. */
  readonly moment?: Moment;
  /** How many marks there are. */
  readonly marks: number;
  /** The guest's own words; only the phases so far while it is at work. */
  readonly log: readonly string[];
  /** What is to be told as soon as it is heard. */
  readonly notes: readonly string[];
}

/** Characters of a line that are looked at, and lines of the guest's log that are kept. */
const LONGEST_LINE = 2000;
const MOST_LINES = 500;

/** The kernel's first line of a boot. */
const BOOT = /\[ *0\.000000\] Linux version /;

/**
 * Looks in a serial log, or in what a command printed, for the marks of the deprovision with this nonce;
 * its last attempt counts. The text may begin anywhere, hold escape sequences, and lines of the kernel
 * before, after or within marks. Takes time and memory in proportion to it.
 */
export function readMarks(text: string, nonce: string): Heard {
  const tag = `azure-golden-image[${nonce}] `;
  const heard = blank();
  for (let start = 0; start < text.length; ) {
    const end = endOfLine(text, start);
    const line = consoleText(text.slice(start, Math.min(end, start + LONGEST_LINE)));
    start = end + 1;
    const at = line.indexOf(tag);
    if (at >= 0) take(heard, line.slice(at + tag.length));
    else if (BOOT.test(line)) heard.restarted = heard.greeted;
  }
  const { phases, words, ...rest } = heard;
  const log = words.length > 0 ? words.slice(-MOST_LINES) : phases.map((each) => `== ${each}`);
  return { ...rest, log };
}

function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return text.length;
}

type Draft = { -readonly [K in keyof Omit<Heard, 'log' | 'findings' | 'notes'>]: Heard[K] } & {
  findings: GuestFinding[];
  notes: string[];
  words: string[];
  phases: string[];
};

const blank = (): Draft => ({
  outcome: 'pending',
  greeted: false,
  begun: false,
  restarted: false,
  findings: [],
  marks: 0,
  notes: [],
  words: [],
  phases: [],
});

/** Forgets an earlier attempt. */
function anew(heard: Draft, begun: boolean): void {
  const { marks, moment, notes } = heard;
  delete heard.phase;
  delete heard.phaseBegan;
  delete heard.exitCode;
  delete heard.shutDown;
  Object.assign(heard, blank(), { marks, notes, greeted: true, begun }, moment && { moment });
}

function take(heard: Draft, said: string): void {
  heard.greeted = true;
  heard.marks++;
  if (said.startsWith('log: ')) {
    heard.words.push(said.slice(5));
    return;
  }
  if (said.startsWith('note: ')) {
    heard.notes.push(said.slice(6));
    return;
  }
  const [, boot, count] = / boot=([0-9a-f]+) count=(\d+)/.exec(said) ?? [];
  if (boot) heard.moment = { boot, count: Number(count) };
  const [, phase, time] = /^phase: ([a-z-]+)(?: at (\S+))?/.exec(said) ?? [];
  if (/^hello\b/.test(said)) anew(heard, false);
  else if (/^(scheduled|started)\b/.test(said)) anew(heard, true);
  else if (phase) {
    Object.assign(heard, { begun: true, phase });
    delete heard.phaseBegan;
    const began = new Date(time ?? Number.NaN);
    if (!Number.isNaN(began.getTime())) heard.phaseBegan = began;
    if (heard.phases.length < MOST_LINES) heard.phases.push(phase);
  } else if (/^complete\b/.test(said)) {
    delete heard.phase;
    Object.assign(heard, { begun: true, outcome: 'complete', restarted: false });
  } else if (said.startsWith('refused ')) takeRefusal(heard, said);
  else takeFailure(heard, said);
}

function takeRefusal(heard: Draft, said: string): void {
  const found = readFinding(said);
  if (!found) return;
  heard.outcome = 'refused';
  if (heard.findings.length < MOST_LINES) heard.findings.push(found);
}

function takeFailure(heard: Draft, said: string): void {
  const [, phase, exit] = /^failed phase=([a-z-]+) exit=(-?\d+)/.exec(said) ?? [];
  if (!phase) return;
  Object.assign(heard, { begun: true, outcome: 'failed', phase, exitCode: Number(exit) });
  if (said.includes(' cause=shutdown')) heard.shutDown = true;
}
