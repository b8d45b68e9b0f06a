import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { fakeClock, promote } from './harness.ts';
import { DESTINATION, devAndProduction, inDev } from './promotion.ts';
import { putVersion } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const copy = `${DESTINATION}/versions/1.0.0`;

/** How often a copy looks at its own number before it sends its request. */
async function looks(): Promise<number> {
  const azure = await devAndProduction();
  await promote(azure, { destination: DESTINATION });
  const all = azure.requests.all().filter(({ path }) => path === copy);
  return all.findIndex(({ method }) => method === 'PUT');
}

it.each([
  ['gone', (azure: LocalAzure) => azure.world.delete(inDev(azure)), 'it is gone'],
  [
    'replaced',
    (azure: LocalAzure) => putVersion(azure, [{ name: 'West Europe' }]),
    'another version has its number now',
  ],
])('a source that is %s right before the request is not copied', async (_, change, words) => {
  let left = await looks();
  const azure = await devAndProduction();
  const way = inProcessHttpClient(azure);
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      const isLook = request.method === 'GET' && new URL(request.url).pathname === copy;
      if (isLook && --left === 0) change(azure);
      return way.sendRequest(request);
    },
  };
  const { failure, wrote } = await promote(azure, { destination: DESTINATION }, { httpClient });
  expect(left).toBe(0);
  expect(failure?.message).toContain(`was not copied: ${words}`);
  expect(wrote).toBe(false);
  expect(azure.world.get(copy)).toBeUndefined();
});
