import type { Finding } from '../../../src/domain/finding.ts';
import type { Inventory } from '../../../src/domain/observed.ts';
import type { CaptureRequest } from '../../../src/domain/request.ts';
import type { Lock } from '../../../src/domain/subscription.ts';
import { rulesOf } from '../../../src/plan/preflight/chapters.ts';
import { contextOf } from '../../../src/plan/preflight/context.ts';
import { type Judgement, judge } from '../../../src/plan/preflight/rule.ts';
import { resolveCapture } from '../../../src/plan/resolve-capture.ts';
import { inventory, origin, request } from '../worlds.ts';

/** What differs from the plainest capture that succeeds. */
export interface Case {
  readonly asked?: Partial<CaptureRequest>;
  readonly seen?: Partial<Inventory>;
  /** Facts that cannot be read. */
  readonly unseen?: readonly 'regions'[];
  readonly dryRun?: boolean;
  readonly changes?: readonly string[];
  readonly deletions?: readonly string[];
  /** `null`: they cannot be read. */
  readonly locks?: readonly Lock[] | null;
}

/** What the rules say; replicas enough for `latest` unless the case says otherwise. */
export function judgementOf({
  asked = {},
  seen = {},
  unseen = [],
  dryRun = false,
  changes = [],
  deletions = [],
  locks = [],
}: Case): Judgement {
  const wanted = request({ replicas: 3, ...asked });
  const facts: Inventory = { ...inventory(seen) };
  for (const name of unseen) Reflect.deleteProperty(facts, name);
  const target = resolveCapture(wanted, origin(), facts);
  const known = {
    ...contextOf('capture', {
      request: wanted,
      inventory: facts,
      target,
      dryRun,
      origin: origin(),
      steps: [],
      ...(locks && { locks }),
    }),
    changes,
    deletions,
  };
  return judge(rulesOf('capture'), known);
}

export const findingsOf = (facts: Case): readonly Finding[] => judgementOf(facts).findings;

export const rulesBroken = (facts: Case): string[] => findingsOf(facts).map(({ rule }) => rule);
