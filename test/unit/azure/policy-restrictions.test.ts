import { expect, it } from 'vitest';
import { denialsIn } from '../../../src/azure/subscription-facts.ts';

const policyInfo = {
  policyDefinitionId: '/providers/microsoft.authorization/policyDefinitions/435CAE41',
  policyAssignmentId: '/providers/microsoft.authorization/policyAssignments/2FF66C37',
};
const field = (expression: string) => ({ expression, expressionKind: 'Field', result: 'True' });
const evaluation = (more: object = {}) => ({
  policyInfo,
  evaluationResult: 'NonCompliant',
  evaluationDetails: { evaluatedExpressions: [field('type'), field('tags.stage')] },
  effectDetails: { policyEffect: 'Deny' },
  ...more,
});
const answer = (policyEvaluations: unknown, fieldRestrictions: unknown = []) => ({
  fieldRestrictions,
  contentEvaluationResult: { policyEvaluations },
});
const restricted = (policyEffect: string) => [
  { field: 'tags.stage', restrictions: [{ result: 'Required', policyEffect }] },
];

it('a denial is told with its policy, its assignment and what it looks at', () => {
  expect(denialsIn(answer([evaluation()], restricted('Deny')))).toEqual([
    {
      policy: policyInfo.policyDefinitionId,
      assignment: policyInfo.policyAssignmentId,
      fields: ['tags.stage'],
    },
  ]);
});

it.each<[string, unknown]>([
  ['nothing is denied', answer([])],
  ['a policy only audits', answer([evaluation({ effectDetails: { policyEffect: 'Audit' } })])],
  ['it names no effect', answer([evaluation({ effectDetails: undefined })])],
  ['Azure could not tell', answer([evaluation({ evaluationResult: 'Error' })])],
  ['another policy changes a tag first', answer([evaluation()], restricted('Modify'))],
  ['another policy adds a tag first', answer([evaluation()], restricted('append'))],
  ['it has another shape', answer([null, 'x', 1], [null, { restrictions: 'x' }])],
  ['it is empty', {}],
  ['it is no object', null],
])('an answer foretells nothing where %s', (_, body) => {
  expect(denialsIn(body)).toEqual([]);
});

it('an answer without end is cut', () => {
  const evaluatedExpressions = Array.from({ length: 99 }, (_, at) => field(`tags.t${at}`));
  const all = Array.from({ length: 99 }, () =>
    evaluation({ evaluationDetails: { evaluatedExpressions } }),
  );
  expect(denialsIn(answer(all))).toHaveLength(5);
  expect(denialsIn(answer(all))[0]?.fields).toHaveLength(5);
});
