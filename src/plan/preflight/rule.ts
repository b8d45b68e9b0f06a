import type { Finding, Severity, Unchecked } from '../../domain/finding.ts';

/**
 * What a rule cannot judge without. When Azure does not show it, the rule is listed as not checked
 * instead of being silently passed.
 */
export type Need = 'vm' | 'source' | 'definition' | 'regions' | 'locks' | 'rights';

/** What Azure itself does where the rule speaks. */
export type AzureAnswer =
  /** Its own message, abridged: `…` stands for names and numbers. */
  | { readonly says: string }
  /** It refuses, but its words are found nowhere: what is known instead, with the source. */
  | { readonly refuses: string }
  /** It refuses nothing, or nobody knows: why the rule speaks all the same. */
  | { readonly accepts: string };

/** What was found to be wrong. */
export interface Found {
  /** What is the case, and why it matters. */
  readonly message: string;
  /** What to do, when that can be said more exactly than the rule's own `remedy`. */
  readonly remedy?: string;
}

/** One cause of failure that can be known beforehand. `F` is what it looks at. */
export interface Rule<F> {
  /** Stable, so that it can be searched for. */
  readonly id: string;
  readonly severity: Severity;
  /** On a dry run, where that differs. */
  readonly dryRunSeverity?: Severity;
  /** Completes "Speaks when …" in docs/preflight.md. */
  readonly when: string;
  readonly azure: AzureAnswer;
  /** The facts it looks at, as docs/preflight.md names them. */
  readonly looksAt: readonly string[];
  readonly remedy: string;
  readonly needs?: readonly Need[];
  /** Says what is wrong, or nothing when all is well or the matter does not arise. */
  check(facts: F): Found | undefined;
}

export interface Judgement {
  /** Errors first. */
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
}

/** How the judgement is to be made. */
export interface Circumstances {
  readonly dryRun: boolean;
  /** What Azure did not show. */
  readonly lacking: readonly Need[];
}

/** Judges all facts by all rules: every finding at once, errors first, else in the rules' order. */
export function judge<F>(
  rules: readonly Rule<F>[],
  facts: F,
  { dryRun, lacking }: Circumstances,
): Judgement {
  const weight: Record<Severity, number> = { error: 0, warning: 1, notice: 2 };
  const findings: Finding[] = [];
  const unchecked: Unchecked[] = [];
  for (const rule of rules) {
    const lacks = rule.needs?.find((need) => lacking.includes(need));
    if (lacks) {
      unchecked.push({ rule: rule.id, lacks });
      continue;
    }
    const found = rule.check(facts);
    if (!found) continue;
    const severity = (dryRun && rule.dryRunSeverity) || rule.severity;
    const { message, remedy = rule.remedy } = found;
    findings.push({ rule: rule.id, severity, title: titleOf(rule), message, remedy });
  }
  findings.sort((a, b) => weight[a.severity] - weight[b.severity]);
  return { findings, unchecked };
}

/** When the rule speaks, in plain text and without what is in brackets. */
const titleOf = ({ when }: { readonly when: string }): string =>
  when.replace(/ \([^)]*\)/g, '').replaceAll('`', '');
