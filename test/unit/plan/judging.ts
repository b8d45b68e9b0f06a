import type { Finding } from '../../../src/domain/finding.ts';
import type { Survey } from '../../../src/domain/observed.ts';
import type { CaptureRequest } from '../../../src/domain/request.ts';
import { captureRules } from '../../../src/plan/preflight/capture-rules.ts';
import { judge } from '../../../src/plan/preflight/rule.ts';
import { ownVersion, resolveCapture } from '../../../src/plan/resolve.ts';
import { origin, request, survey } from '../worlds.ts';

/** What differs from the plainest capture that succeeds. */
export interface Case {
  readonly asked?: Partial<CaptureRequest>;
  readonly seen?: Partial<Survey>;
}

/** All that the rule book finds; replicas enough for `latest` unless the case says otherwise. */
export function findingsOf({ asked = {}, seen = {} }: Case): Finding[] {
  const wanted = request({ replicas: 3, ...asked });
  const facts = survey(seen);
  return judge(captureRules, {
    request: wanted,
    survey: facts,
    target: resolveCapture(wanted, origin(), facts),
    mine: ownVersion(wanted, origin(), facts),
    dryRun: false,
  });
}

export const rulesBroken = (facts: Case): string[] => findingsOf(facts).map(({ rule }) => rule);
