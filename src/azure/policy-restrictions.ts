import { isRecord, recordOf } from '../domain/plain-objects.ts';
import { nameOf, parentId, parseResourceId } from '../domain/resource-id.ts';
import type { Denial } from '../domain/subscription.ts';
import { groupOf } from '../plan/needed-rights.ts';
import type { Reads } from '../run/ports.ts';
import { query } from './call.ts';
import { making } from './creations.ts';
import { Session } from './session.ts';

/** azure-rest-api-specs, policyinsights; the first version that names effects. */
const API = '2023-03-01';
/** It is a check that a run can do without. */
const MOST_FAILURES = 3;
/** Fields and policies that are told. */
const MOST = 5;

/** Azure Policy, asked beforehand (learn, "Policy Restrictions - Check At Resource Group Scope"). */
export const policyReadsOf = (session: Session) =>
  ({
    denials: async (creation) => {
      const { id, doing, call } = making(creation);
      const { type = '' } = parseResourceId(id) ?? {};
      const hasty = new Session(session.arm, { ...session.options, mostFailures: MOST_FAILURES });
      const { apiVersion, content } = await session.arm.sketch(id, call);
      const isChild = type.split('/').length > 2;
      const body = {
        resourceDetails: {
          apiVersion,
          resourceContent: { ...content, type, name: nameOf(id) },
          ...(isChild && { scope: parentId(id) }),
        },
        pendingFields: [{ field: 'tags' }],
      };
      const found = await hasty.read(
        id,
        `ask whether a policy forbids to ${doing}`,
        query(
          `${groupOf(id)}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`,
          API,
          body,
          denialsIn,
        ),
      );
      return (found ?? []).map((denial) => ({ ...denial, doing }));
    },
  }) satisfies Partial<Reads>;

/**
 * The policies that deny the content as it is. None where another policy changes its tags first
 * (`modify`, `append`): that can make the content fit, and nothing documents whether the answer
 * considers it.
 */
export function denialsIn(answer: unknown): Omit<Denial, 'doing'>[] {
  const { fieldRestrictions, contentEvaluationResult: content } = recordOf(answer);
  const restrictions = records(fieldRestrictions).flatMap((each) => records(each.restrictions));
  if (restrictions.some(({ policyEffect }) => /^(modify|append)$/i.test(String(policyEffect))))
    return [];
  return records(recordOf(content).policyEvaluations)
    .filter(
      ({ evaluationResult, effectDetails }) =>
        /^noncompliant$/i.test(String(evaluationResult)) &&
        /^deny$/i.test(String(recordOf(effectDetails).policyEffect)),
    )
    .slice(0, MOST)
    .map(({ policyInfo, evaluationDetails }) => ({
      policy: textIn(policyInfo, 'policyDefinitionId'),
      assignment: textIn(policyInfo, 'policyAssignmentId'),
      fields: fieldsIn(evaluationDetails),
    }));
}

/** What the policy looks at, but for the type. */
function fieldsIn(details: unknown): string[] {
  const names = records(recordOf(details).evaluatedExpressions)
    .filter(({ expressionKind }) => /^field$/i.test(String(expressionKind)))
    .map((each) => textIn(each, 'expression'))
    .filter((name) => name && name.toLowerCase() !== 'type');
  return [...new Set(names)].slice(0, MOST);
}

const records = (list: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(list) ? list.filter(isRecord) : [];

function textIn(found: unknown, name: string): string {
  const value = recordOf(found)[name];
  return typeof value === 'string' ? value : '';
}
