import type { Finding } from '../domain/finding.ts';
import type { Step } from './plan.ts';

/** Resource IDs of a step that are listed. */
const MOST_RESOURCES = 50;

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
      resources: resources.slice(0, MOST_RESOURCES),
      ...(resources.length > MOST_RESOURCES && { resourceCount: resources.length }),
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
