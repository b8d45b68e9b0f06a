import { expect, it, test } from 'vitest';
import { fromAzure, fromOperation } from '../../../src/azure/failure.ts';
import { answered } from './answers.ts';

const ASSIGNMENT =
  '/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/tags-everywhere';
const MESSAGE = `Resource 'x' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Tags everywhere","id":"${ASSIGNMENT}"},"policyDefinition":{"name":"Require a cost centre","id":"/providers/d"}}]'.`;
const INFO = {
  policyDefinitionDisplayName: 'Require a cost centre',
  policyAssignmentId: ASSIGNMENT,
  policyDefinitionEffect: 'deny',
};
const WHY = `The Azure policy "Require a cost centre" (assigned as ${ASSIGNMENT}) forbids the resource as it was sent.`;

test('a refusal by policy names the policy of its message, and the remedy', () => {
  const thrown = answered(403, 'RequestDisallowedByPolicy', {}, MESSAGE);
  const failure = fromAzure(thrown, 'create image version 1.0.0');
  expect(failure).toMatchObject({ kind: 'refused', why: WHY, code: 'RequestDisallowedByPolicy' });
  expect(failure.remedy).toMatch(/`tags`.*exemption/);
});

test('or of its additional info, when an operation ends so', () => {
  const error = {
    code: 'RequestDisallowedByPolicy',
    message: 'No.',
    additionalInfo: [{ type: 'Other' }, { type: 'PolicyViolation', info: INFO }],
  };
  expect(fromOperation(error, 'x').why).toBe(WHY);
});

it.each([
  ['no identifiers', 'Disallowed by policy.'],
  ['identifiers that are no JSON', "Policy identifiers: '[{oops}]'."],
  ['a policy without a name', `Policy identifiers: '[{"policyDefinition":{}}]'.`],
])('with %s, Azure’s own words are shown', (_, message) => {
  const failure = fromAzure(answered(403, 'RequestDisallowedByPolicy', {}, message), 'x');
  expect(failure.why).toBe(`Azure says: ${message}`);
  expect(failure.remedy).toContain('exemption');
});

test('several policies are all named', () => {
  const info = [INFO, { policyDefinitionName: 'allowed-locations' }];
  const error = {
    code: 'RequestDisallowedByPolicy',
    additionalInfo: info.map((each) => ({ type: 'PolicyViolation', info: each })),
  };
  expect(fromOperation(error, 'x').why).toMatch(
    /policies "Require a cost centre" and "allowed-locations" .* forbid the/,
  );
});

it.each([
  ['tag VM build-snapshot', /`tags` does not reach the VM\..*exemption of the VM/],
  ['run a script in VM build01', /`tags` does not reach the VM/],
  ['create image version 1.0.0', /`tags`.*`target-regions`.*`encryption`.*the gallery/],
  ['take snapshot build-os', /`tags`.*`snapshot`, `capture-from`.*group of the VM/],
  ['make managed image build', /`tags`.*group of the VM/],
  ['delete snapshot build-os', /^Delete it by other means/],
])('the remedy goes by what was refused: %s', (doing, remedy) => {
  const thrown = answered(403, 'RequestDisallowedByPolicy', {}, MESSAGE);
  expect(fromAzure(thrown, doing).remedy).toMatch(remedy);
  expect(fromOperation({ code: 'RequestDisallowedByPolicy' }, doing).remedy).toMatch(remedy);
});
