/**
 * Microsoft.PolicyInsights: what Azure Policy would say to a resource, as far as the policies of the
 * weather go (azure-rest-api-specs, checkPolicyRestrictions 2023-03-01, and its example at a resource
 * group). Which policies of management groups Azure leaves out of its answer is not documented
 * (azure-dev finds those that are inherited missing); here all are in it. Nor is documented whether what
 * `modify` makes of the tags counts when the content is judged: here it does not.
 */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { armError } from '../errors.ts';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import type { PolicyRule } from '../weather/document.ts';
import { ASSIGNMENT, applying, denies } from '../weather/policies.ts';

const CHECK = 'Microsoft.PolicyInsights/checkPolicyRestrictions';

/** Registers the route. */
export function registerPolicyInsights(arm: Arm): void {
  const path = `/subscriptions/{subscription}/resourceGroups/{group}/providers/${CHECK}`;
  arm.route('POST', path, 'specification', (request) => check(arm, request));
}

function check(arm: Arm, { body }: ArmRequest): Reply {
  const content = objectAt(body, 'resourceDetails', 'resourceContent');
  const type = textAt(content, 'type');
  // Invented: what the specification requires, in other words than Azure's.
  if (type === undefined)
    throw armError(400, 'InvalidRequest', 'resourceDetails.resourceContent.type is required.');
  const rules = applying(arm.weather.document.policies ?? [], type);
  const tags = isObject(content.tags) ? content.tags : {};
  const asksTags = objectsAt(body, 'pendingFields').some(({ field }) => field === 'tags');
  const changing = asksTags ? rules.filter(({ effect }) => effect !== 'deny') : [];
  return {
    status: 200,
    body: {
      fieldRestrictions: changing.map(restriction),
      contentEvaluationResult: {
        policyEvaluations: rules
          .filter((rule) => denies(rule, tags))
          .map((rule) => evaluation(rule, type)),
      },
    },
  };
}

const policy = {
  policyDefinitionId: ASSIGNMENT.replace(/policyAssignments.*/, 'policyDefinitions/weather'),
  policyAssignmentId: ASSIGNMENT,
};

function restriction({ effect, tag = '', value }: PolicyRule): JsonObject {
  const result = effect === 'remove' ? 'Removed' : 'Required';
  const said = value === undefined ? {} : { defaultValue: value, values: [value] };
  return {
    field: `tags.${tag}`,
    restrictions: [{ result, ...said, policy, policyEffect: 'Modify' }],
  };
}

const evaluation = ({ tag }: PolicyRule, type: string): JsonObject => ({
  policyInfo: policy,
  evaluationResult: 'NonCompliant',
  evaluationDetails: {
    evaluatedExpressions: [
      expression('type', 'equals', type),
      ...(tag === undefined ? [] : [expression(`tags[${tag}]`, 'exists', 'false')]),
    ],
  },
  effectDetails: { policyEffect: 'Deny' },
});

const expression = (name: string, operator: string, targetValue: string): JsonObject => ({
  result: 'True',
  expressionKind: 'field',
  expression: name,
  path: name,
  operator,
  targetValue,
});
