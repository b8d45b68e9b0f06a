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

/** What the guest said to the scheduling script. */
type Scheduling =
  | { readonly outcome: 'scheduled' | 'already-scheduled' | 'unknown' }
  | { readonly outcome: 'refused'; readonly findings: readonly GuestFinding[] };

/**
 * Reads the output of a scheduling script: its stdout, or the whole message of Run Command
 * (`Enable succeeded: \n[stdout]\n…\n[stderr]\n…`), of which only the last 4,096 bytes of each stream
 * arrive. `unknown` if the script did not get to its end.
 */
export function readScheduling(output: string): Scheduling {
  const lines = output.split(/\r?\n/);
  const findings = findingsIn(lines);
  if (findings.length > 0) return { outcome: 'refused', findings };
  for (const line of lines) {
    const outcome = /^azure-golden-image: (scheduled|already-scheduled) nonce=/.exec(line)?.[1];
    if (outcome === 'scheduled' || outcome === 'already-scheduled') return { outcome };
  }
  return { outcome: 'unknown' };
}

/** What the guest said when it was asked whether it may be deprovisioned. */
export interface Greeting {
  /** Why it must not be; empty when it may, or said nothing. */
  readonly findings: readonly GuestFinding[];
  /** When it wrote its hello on the serial console; absent when it said nothing of the kind. */
  readonly moment?: Moment;
  /** What came of writing it. */
  readonly console?: 'written' | 'hanging' | 'none';
  /** Whether the order of this deprovision waits or is at work in the guest. */
  readonly state?: 'idle' | 'scheduled';
}

/** Reads the output of the hello script, in any of the forms that `readScheduling` takes. */
export function readGreeting(output: string): Greeting {
  const lines = output.split(/\r?\n/);
  const findings = findingsIn(lines);
  const [, boot, count, serial, state] =
    /^azure-golden-image: hello boot=([0-9a-f]+) count=(\d+) console=(written|hanging|none) state=(idle|scheduled)$/m.exec(
      lines.join('\n'),
    ) ?? [];
  return {
    findings,
    ...(boot && { moment: { boot, count: Number(count) } }),
    ...((serial === 'written' || serial === 'hanging' || serial === 'none') && {
      console: serial,
    }),
    ...((state === 'idle' || state === 'scheduled') && { state }),
  };
}

const findingsIn = (lines: readonly string[]): GuestFinding[] =>
  lines.flatMap((line) => {
    const said = /^azure-golden-image: (refused .+)$/.exec(line)?.[1];
    return (said && readFinding(said)) || [];
  });

/** Reads `refused CHECK | MESSAGE | REMEDY`. */
export function readFinding(said: string): GuestFinding | undefined {
  const [, check, message, remedy] = /^refused (\S+) \| ([^|]+) \| ([^|]+)$/.exec(said) ?? [];
  return check && message && remedy ? { check, message, remedy: remedy.trim() } : undefined;
}
