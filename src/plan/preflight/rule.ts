import type { Finding, Severity } from '../../domain/finding.ts';
import type { ImageVersion, Survey } from '../../domain/observed.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import type { CaptureTarget } from '../../domain/target.ts';

/** What the rules of a capture look at. */
export interface CaptureFacts {
  readonly request: CaptureRequest;
  readonly survey: Survey;
  /** What the survey resolves to; absent when too much is missing. */
  readonly target: CaptureTarget | undefined;
  /** The version this run has made already: the VM's part is then over, its rules do not apply. */
  readonly mine: ImageVersion | undefined;
  /** Nothing will be done: what is built later may be missing. */
  readonly dryRun: boolean;
}

/** One cause of failure that can be known beforehand. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** Says what is wrong and what to do, or nothing when all is well or cannot be judged. */
  check(facts: CaptureFacts): Found | undefined;
}

/** What a rule found. */
export interface Found {
  readonly message: string;
  readonly remedy: string;
  /** Where this case is less severe than the rule. */
  readonly severity?: Severity;
}

/** Judges all facts by all rules: every finding at once, errors first. */
export function judge(rules: readonly Rule[], facts: CaptureFacts): Finding[] {
  const weight: Record<Severity, number> = { error: 0, warning: 1, notice: 2 };
  return rules
    .flatMap((rule) => {
      const found = rule.check(facts);
      return found ? [{ rule: rule.id, severity: rule.severity, ...found }] : [];
    })
    .sort((a, b) => weight[a.severity] - weight[b.severity]);
}
