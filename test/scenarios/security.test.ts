/** Claims of SECURITY.md that no other test shows. */

import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { objectsAt, textAt } from '../../local-azure/src/json.ts';
import { fakeClock, localAzure, promote, verifyIt } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

test.each(['{}', '{"storageAccountType":{"a":1}}', 'not JSON'])(
  'tags that remember regions make a run add one, and remove none: %s',
  async (value) => {
    const azure = localAzure();
    putVersion(azure, [{ name: 'West Europe' }, { name: 'East US 2' }]);
    const id = storedVersionId(azure);
    const names = ['westeurope', 'eastus2', 'northeurope'];
    Object.assign(azure.world.get(id) ?? {}, {
      tags: {
        ...Object.fromEntries(names.map((name) => [`golden-image-removed-${name}`, value])),
        'golden-image-forbid-region-deletion': 'true',
      },
    });
    const run = await promote(azure, { tags: { stage: 'prod' } });
    expect(run.failure).toBeUndefined();
    expect(run.heard.findings.map(({ rule, message }) => [rule, message.split(':')[0]])).toEqual(
      value === '{}' ? [] : [['region-memory', '`northeurope`']],
    );
    const regions = objectsAt(
      azure.world.get(id),
      'properties',
      'publishingProfile',
      'targetRegions',
    );
    expect(
      regions.map((region) => textAt(region, 'name')?.replaceAll(' ', '').toLowerCase()),
    ).toEqual(names);
  },
);

test('the throw-away VM of a verification has no identity and no public address', async () => {
  const azure = localAzure();
  putVersion(azure, [{ name: 'West Europe' }]);
  const way = inProcessHttpClient(azure);
  const bodies: string[] = [];
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      if (request.method === 'PUT' && request.url.includes('/virtualMachines/'))
        bodies.push(String(request.body));
      return way.sendRequest(request);
    },
  };
  expect((await verifyIt(azure, { script: 'exit 0' }, { httpClient })).failure).toBeUndefined();
  expect(bodies.join()).toContain('networkInterfaceConfigurations');
  expect(bodies.join()).not.toMatch(/identity|publicIPAddress/i);
});
