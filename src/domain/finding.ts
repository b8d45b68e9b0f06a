export type Severity = 'error' | 'warning' | 'notice';

/** A property that cannot differ and does; reports show several of them in one table. */
export interface Mismatch {
  /** As the portal names it, such as `OS type`. */
  readonly property: string;
  readonly definition: string;
  readonly vm: string;
}

/** Something a check before the first change found. */
export interface Finding {
  /** The rule's id, such as `definition-os-type`: stable, so that it can be searched for. */
  readonly rule: string;
  readonly severity: Severity;
  /** When the rule speaks, in a few words. */
  readonly title?: string;
  /** What is the case, and why it matters. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Of a VM that does not fit its image definition. */
  readonly mismatch?: Mismatch;
}

/** A rule that could not be judged. */
export interface Unchecked {
  readonly rule: string;
  /** What could not be seen, such as `vm`. */
  readonly lacks: string;
}

/** Whether these findings forbid starting. */
export const forbids = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => finding.severity === 'error');
