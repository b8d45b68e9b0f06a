import type { Finding } from '../domain/finding.ts';
import type { Step } from './plan.ts';

/** The `plan` output, as action.yml documents it. */
export function planOutput(
  operation: string,
  target: Readonly<Record<string, unknown>>,
  steps: readonly Step[],
  findings: readonly Finding[],
) {
  return {
    schema: 1,
    operation,
    target,
    steps: steps.map(({ id, do: kind, resources, irreversible, expectedSeconds }, index) => ({
      id,
      do: kind,
      // Each step needs the one before it.
      needs: steps.slice(Math.max(0, index - 1), index).map((before) => before.id),
      resources,
      irreversible,
      expectedSeconds,
    })),
    findings: findings.map(({ rule, severity, message, remedy }) => ({
      rule,
      severity,
      message,
      remedy,
    })),
  };
}
