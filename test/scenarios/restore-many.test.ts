/** A restore in a subscription of many galleries, definitions and versions. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { expect, it } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { AT_ONCE } from '../../src/run/reading.ts';
import { changeVm } from './changed-vm.ts';
import { definitionId, fakeClock, localAzure, restore } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

it('asks for few at once', async () => {
  using _clock = fakeClock();
  const azure = localAzure();
  await changeVm(azure, 'deprovision');
  putVersion(azure, [{ name: 'West Europe' }]);
  const definition = definitionId(azure);
  const gallery = definition.replace(/\/images\/[^/]+$/, '');
  const copy = (from: string, id: string) =>
    azure.world.put({
      ...structuredClone(azure.world.get(from)),
      id,
      name: id.replace(/.*\//, ''),
    } as never);
  for (let index = 0; index < 3 * AT_ONCE; index++) {
    copy(gallery, `${gallery}${index}`);
    copy(definition, `${gallery}${index}/images/one`);
    copy(storedVersionId(azure), `${definition}/versions/2.0.${index}`);
  }
  const way = inProcessHttpClient(azure);
  let most = 0;
  let now = 0;
  const sendRequest: HttpClient['sendRequest'] = async (request) => {
    if (!request.url.includes('/galleries/')) return way.sendRequest(request);
    most = Math.max(most, ++now);
    return way.sendRequest(request).finally(() => now--);
  };
  const run = await restore(azure, {}, { httpClient: { sendRequest } });
  expect(run.failure).toBeUndefined();
  expect(most).toBe(AT_ONCE);
});
