/** What Azure Policy says beforehand (azure-rest-api-specs, checkPolicyRestrictions 2023-03-01). */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { arm } from './sdk.ts';

let azure: LocalAzure;
beforeEach(() => {
  azure = createLocalAzure();
});
afterEach(() => azure[Symbol.dispose]());

const TYPE = 'Microsoft.Compute/snapshots';
const check = async (tags: object, pendingFields: object[] = [{ field: 'tags' }]) =>
  arm(azure, 'POST', 'Microsoft.PolicyInsights/checkPolicyRestrictions', {
    resourceDetails: { resourceContent: { type: TYPE, tags } },
    pendingFields,
  });

it('says which policy denies a resource as it is', async () => {
  azure.weather.set({ policies: [{ types: ['*/snapshots'], effect: 'deny', tag: 'owner' }] });
  const { status, body } = await check({});
  expect(status).toBe(200);
  expect(body).toMatchObject({
    fieldRestrictions: [],
    contentEvaluationResult: {
      policyEvaluations: [
        { evaluationResult: 'NonCompliant', effectDetails: { policyEffect: 'Deny' } },
      ],
    },
  });
  const passing = await check({ Owner: 'me' });
  expect(passing.body).toMatchObject({ contentEvaluationResult: { policyEvaluations: [] } });
});

it('tells what policies change of the fields that are asked for', async () => {
  azure.weather.set({ policies: [{ effect: 'add', tag: 'owner', value: 'us' }] });
  expect((await check({})).body.fieldRestrictions).toMatchObject([
    {
      field: 'tags.owner',
      restrictions: [{ result: 'Required', defaultValue: 'us', policyEffect: 'Modify' }],
    },
  ]);
  expect((await check({}, [])).body.fieldRestrictions).toEqual([]);
});
