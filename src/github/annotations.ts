import type { Finding, Severity } from '../domain/finding.ts';

/**
 * How many of a kind GitHub shows of one step; those beyond are lost without a word ("Workflow
 * commands for GitHub Actions", limits of annotations). One warning and one notice are left to
 * what the run itself may have to say.
 */
const MOST: Readonly<Record<Severity, number>> = { error: 10, warning: 9, notice: 9 };

/**
 * The findings as annotations of the step, in their order; what is too many of a kind stands in the
 * last.
 */
export function annotationsOf(findings: readonly Finding[]) {
  return (['error', 'warning', 'notice'] as const).flatMap((severity) => {
    const all = findings.filter((finding) => finding.severity === severity);
    const alone = all.length > MOST[severity] ? MOST[severity] - 1 : all.length;
    const rest = all.slice(alone);
    return [...all.slice(0, alone).map(single), ...(rest.length > 0 ? [folded(rest)] : [])];
  });
}

const single = ({ severity, rule, title, message, remedy }: Finding) => ({
  severity,
  title: title ? `${rule}: ${title}` : rule,
  text: `${message}\n${remedy}`,
});

const folded = (rest: readonly Finding[]) => {
  const [{ severity = 'notice' } = {}] = rest;
  return {
    severity,
    title: `${rest.length} more ${severity}s`,
    text: rest.map(({ rule, message, remedy }) => `${rule}: ${message} ${remedy}`).join('\n'),
  };
};
