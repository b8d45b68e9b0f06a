import type { Failure } from '../../domain/failure.ts';

/** When a mark was written: in which boot of the guest, and how old that was, in hundredths of a second. */
export interface Moment {
  readonly boot: string;
  readonly count: number;
}

/** Whether one is later than the other in the same boot. */
export const isNewer = (now: Moment | undefined, then: Moment | undefined): boolean =>
  now !== undefined && then !== undefined && now.boot === then.boot && now.count > then.count;

/** A reason why the guest was not deprovisioned. */
export interface GuestFinding {
  /** Such as `reboot-pending`. */
  readonly check: string;
  /** What is the matter, and why it matters. */
  readonly message: string;
  readonly remedy: string;
}

/** What a guest answered a script of ours by Run Command. */
export type Answer =
  | { readonly outcome: 'refused'; readonly findings: readonly GuestFinding[] }
  /** It may be deprovisioned, or already waits or is at work (`scheduled`). */
  | {
      readonly outcome: 'hello';
      /** When it wrote its hello on the serial console. */
      readonly moment: Moment;
      /** What came of writing it. */
      readonly console: 'written' | 'hanging' | 'none';
      readonly state: 'idle' | 'scheduled';
    }
  /** `unknown`: the script did not get to its end. */
  | { readonly outcome: 'scheduled' | 'already-scheduled' | 'unknown' };

/**
 * Reads the output of a script: its stdout, or the whole message of Run Command
 * (`Enable succeeded: \n[stdout]\n…\n[stderr]\n…`), of which only the last 4,096 bytes of each stream
 * arrive. Of no output nothing is known.
 */
export function readAnswer(output = ''): Answer {
  const tag = 'azure-golden-image: ';
  const lines = output.split(/\r?\n/).filter((line) => line.startsWith(tag));
  const said = lines.map((line) => line.slice(tag.length));
  const findings = said.flatMap((each) => readFinding(each) ?? []);
  if (findings.length > 0) return { outcome: 'refused', findings };
  const answers = said.map(readAnswerLine);
  return answers.find((each) => each !== undefined) ?? { outcome: 'unknown' };
}

function readAnswerLine(said: string): Answer | undefined {
  const outcome = /^(scheduled|already-scheduled) nonce=/.exec(said)?.[1];
  if (outcome === 'scheduled' || outcome === 'already-scheduled') return { outcome };
  const [, boot, count, console, state] =
    /^hello boot=([0-9a-f]+) count=(\d+) console=(\w+) state=(\w+)$/.exec(said) ?? [];
  if (!boot || (console !== 'written' && console !== 'hanging' && console !== 'none'))
    return undefined;
  if (state !== 'idle' && state !== 'scheduled') return undefined;
  return { outcome: 'hello', moment: { boot, count: Number(count) }, console, state };
}

/** What a guest has said so far of one deprovision, on its serial console or by a command. */
export interface Heard {
  /** `pending` when there is no last mark: not begun, at work, or killed. */
  readonly outcome: 'complete' | 'failed' | 'refused' | 'pending';
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
  /** Why nothing more could be heard. */
  readonly trouble?: Failure;
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
  let heard = blank();
  for (let start = 0; start < text.length; ) {
    const end = endOfLine(text, start);
    const line = consoleText(text.slice(start, Math.min(end, start + LONGEST_LINE)));
    start = end + 1;
    const at = line.indexOf(tag);
    if (at >= 0) heard = take(heard, line.slice(at + tag.length));
    else if (BOOT.test(line)) heard.restarted = heard.marks > 0;
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

/** What was heard while the marks are read; of `words` or `phases` becomes the log. */
type Draft = { -readonly [K in keyof Omit<Heard, 'log'>]: Heard[K] } & {
  readonly findings: GuestFinding[];
  readonly notes: string[];
  readonly words: string[];
  readonly phases: string[];
};

const blank = (): Draft => ({
  outcome: 'pending',
  begun: false,
  restarted: false,
  findings: [],
  marks: 0,
  notes: [],
  words: [],
  phases: [],
});

/** What is heard with one mark more. */
function take(heard: Draft, said: string): Draft {
  heard.marks++;
  if (said.startsWith('log: ')) {
    heard.words.push(said.slice(5));
    return heard;
  }
  if (said.startsWith('note: ')) {
    heard.notes.push(said.slice(6));
    return heard;
  }
  const [, boot, count] = / boot=([0-9a-f]+) count=(\d+)/.exec(said) ?? [];
  if (boot) heard.moment = { boot, count: Number(count) };
  const [, phase, time] = /^phase: ([a-z-]+)(?: at (\S+))?/.exec(said) ?? [];
  if (/^(hello|scheduled|started)\b/.test(said)) {
    // What an earlier attempt has told is forgotten.
    const { marks, moment, notes } = heard;
    return { ...blank(), marks, notes, begun: !/^hello\b/.test(said), ...(moment && { moment }) };
  }
  if (phase) {
    Object.assign(heard, { begun: true, phase });
    delete heard.phaseBegan;
    const began = new Date(time ?? Number.NaN);
    if (!Number.isNaN(began.getTime())) heard.phaseBegan = began;
    if (heard.phases.length < MOST_LINES) heard.phases.push(phase);
  } else if (/^complete\b/.test(said)) {
    delete heard.phase;
    Object.assign(heard, { begun: true, outcome: 'complete', restarted: false });
  } else if (said.startsWith('refused ')) {
    const found = readFinding(said);
    if (!found) return heard;
    heard.outcome = 'refused';
    if (heard.findings.length < MOST_LINES) heard.findings.push(found);
  } else takeFailure(heard, said);
  return heard;
}

function takeFailure(heard: Draft, said: string): void {
  const [, phase, exit] = /^failed phase=([a-z-]+) exit=(-?\d+)/.exec(said) ?? [];
  if (!phase) return;
  Object.assign(heard, { begun: true, outcome: 'failed', phase, exitCode: Number(exit) });
  if (said.includes(' cause=shutdown')) heard.shutDown = true;
}

/** Reads `refused CHECK | MESSAGE | REMEDY`. */
function readFinding(said: string): GuestFinding | undefined {
  const [, check, message, remedy] = /^refused (\S+) \| ([^|]+) \| ([^|]+)$/.exec(said) ?? [];
  return check && message && remedy ? { check, message, remedy: remedy.trim() } : undefined;
}

/**
 * Escape sequences of terminals (ECMA-48; systemd's "OSC 3008: Hierarchical Context Signalling",
 * https://systemd.io/OSC_CONTEXT) and other control characters. Every part is bounded, so that the time
 * stays linear whatever the log holds.
 */
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  /\u001b\][^\u0007\u001b]{0,1024}(?:\u0007|\u001b\\)|\u001b[[(#][0-9;?]{0,32}[ -/]{0,4}[0-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** What a serial console shows, without what acts on a terminal. */
export const consoleText = (text: string): string => text.replace(CONTROL, '');
