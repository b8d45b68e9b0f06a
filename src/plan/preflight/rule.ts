import type { Finding, Need, Severity, Unchecked } from '../../domain/finding.ts';
import { defined } from '../../domain/plain-objects.ts';
import type { Checked, RuleContext } from './context.ts';
import { SUBJECTS, type Subjects } from './subjects.ts';

/** What Azure itself does where the rule speaks. */
export type AzureAnswer =
  /** Its own message, abridged: `…` stands for names and numbers. */
  | { readonly says: string }
  /** It refuses, but its words are found nowhere: what is known instead, with the source. */
  | { readonly refuses: string }
  /** It refuses nothing, or nobody knows: why the rule speaks all the same. */
  | { readonly accepts: string };

/** What was found to be wrong; what to do, where that is said more exactly than by the rule's own `remedy`. */
type Found = Pick<Finding, 'message' | 'mismatch'> & Partial<Pick<Finding, 'remedy'>>;

/** What a check says: what was found to be wrong, its message alone, or that nothing was. */
export type Answer = Found | string | false | undefined;

/** One cause of failure that can be known beforehand, in these operations. */
export interface Rule<O extends Checked = Checked> {
  /** Stable, so that it can be searched for. */
  readonly id: string;
  readonly severity: Severity;
  /** On a dry run, where that differs. */
  readonly dryRunSeverity?: Severity;
  /** Completes "Applies when …" in docs/preflight.md. */
  readonly when: string;
  readonly azure: AzureAnswer;
  /** The context it looks at, as docs/preflight.md names them. */
  readonly looksAt: readonly string[];
  readonly remedy: string;
  readonly needs?: readonly Need[];
  /** Whether there is an answer to look at; where nobody asked, the rule neither passes nor lacks one. */
  isAsked?(context: RuleContext<O>): boolean;
  /** What is wrong; nothing when all is well or the matter does not arise. */
  check(context: RuleContext<O>): Answer;
}

export interface Judgement {
  /** Errors first. */
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** How many rules found nothing. */
  readonly passed: number;
}

/** Judges by all rules: every finding at once, errors first, else in the rules' order. */
export function judge<O extends Checked>(
  rules: readonly Rule<O>[],
  context: RuleContext<O>,
): Judgement {
  const weight: Record<Severity, number> = { error: 0, warning: 1, notice: 2 };
  const findings: Finding[] = [];
  const unchecked: Unchecked[] = [];
  const asked = rules.filter((rule) => rule.isAsked?.(context) ?? true);
  for (const rule of asked) {
    const lacks = rule.needs?.find((need) => context.lacks[need]);
    if (lacks) {
      unchecked.push({ rule: rule.id, lacks });
      continue;
    }
    const answer = rule.check(context);
    if (!answer) continue;
    const severity = (context.dryRun && rule.dryRunSeverity) || rule.severity;
    const { message, remedy = rule.remedy, mismatch } = foundIn(answer);
    const told = { rule: rule.id, severity, title: titleOf(rule), message, remedy, mismatch };
    findings.push(defined(told));
  }
  findings.sort((a, b) => weight[a.severity] - weight[b.severity]);
  return { findings, unchecked, passed: asked.length - findings.length - unchecked.length };
}

/** What an answer that says something says. */
export const foundIn = (answer: Found | string): Found =>
  typeof answer === 'string' ? { message: answer } : answer;

/** When the rule speaks, in plain text and without what is in brackets. */
const titleOf = ({ when }: { readonly when: string }): string =>
  when.replace(/ \([^)]*\)/g, '').replaceAll('`', '');

/** Makes a rule about one thing, which its check gets: it is moot where that is not found. */
export function about<S extends keyof Subjects<Checked>, O extends Checked>(
  subject: S,
  rule: Omit<Rule<O>, 'check'> & {
    check(subject: Subjects<O>[S], context: RuleContext<O>): Answer;
  },
): Rule<O> {
  const { needs, find } = SUBJECTS[subject];
  return {
    ...rule,
    needs: [...needs, ...(rule.needs ?? [])],
    check: (context) => {
      const found = find(context);
      return found && rule.check(found, context);
    },
  };
}
