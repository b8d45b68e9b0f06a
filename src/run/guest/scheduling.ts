/** A reason why the guest was not deprovisioned. */
export interface GuestFinding {
  /** Such as `reboot-pending`. */
  readonly check: string;
  /** What is the matter, and why it matters. */
  readonly message: string;
  readonly remedy: string;
}

/** What the guest said to the scheduling script. */
export type Scheduling =
  | { readonly outcome: 'scheduled' | 'already-scheduled' | 'unknown' }
  | { readonly outcome: 'refused'; readonly findings: readonly GuestFinding[] };

/**
 * Reads the output of a scheduling script: its stdout, or the whole message of Run Command
 * (`Enable succeeded: \n[stdout]\n…\n[stderr]\n…`), of which only the last 4,096 bytes of each stream
 * arrive. `unknown` if the script did not get to its end.
 */
export function readScheduling(output: string): Scheduling {
  const lines = output.split(/\r?\n/);
  const findings = lines.flatMap((line) => finding(line));
  if (findings.length > 0) return { outcome: 'refused', findings };
  for (const line of lines) {
    const outcome = /^azure-golden-image: (scheduled|already-scheduled) nonce=/.exec(line)?.[1];
    if (outcome === 'scheduled' || outcome === 'already-scheduled') return { outcome };
  }
  return { outcome: 'unknown' };
}

function finding(line: string): GuestFinding[] {
  const parts = /^azure-golden-image: refused (\S+) \| (.+) \| (.+)$/.exec(line)?.slice(1);
  const [check, message, remedy] = parts ?? [];
  return check && message && remedy ? [{ check, message, remedy }] : [];
}
