/** Links without a host, as some of Azure's services send them (azure-sdk-for-net#55989). */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { capture, definitionId, fakeClock, localAzure } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** A link without its scheme, or without its host too. */
type Form = (path: string, host: string) => string;

/** An Azure whose next links and poll URLs lead to the host that was asked without naming it. */
const relative = (azure: LocalAzure, form: Form): HttpClient => {
  const way = inProcessHttpClient(azure);
  const shortened = (text: string) =>
    text.replaceAll(
      /https?:\/\/([^/"]+)(\/[^"]*(?:skiptoken|\/operations\/)[^"]*)/gi,
      (_, host, path) => form(path, host),
    );
  return {
    sendRequest: async (request) => {
      const { headers, bodyAsText, ...response } = await way.sendRequest(request);
      for (const [name, value] of headers) headers.set(name, shortened(value));
      return { ...response, headers, bodyAsText: shortened(bodyAsText ?? '') };
    },
  };
};

/** So many versions that Azure lists them in two pages; the newest is alone on the second. */
function putVersions(azure: LocalAzure): void {
  putVersion(azure, [{ name: 'West Europe' }]);
  const first = azure.world.get(storedVersionId(azure));
  if (!first) return;
  for (const name of [
    ...Array(100)
      .keys()
      .map((patch) => `1.0.${patch}`),
    '2.0.0',
  ])
    azure.world.put({ ...first, id: `${definitionId(azure)}/versions/${name}`, name });
}

/** What a capture beside these versions asks of Azure. */
async function requestsOf(azure: LocalAzure, httpClient = inProcessHttpClient(azure)) {
  putVersions(azure);
  const run = await capture(azure, { httpClient });
  expect(run.failure).toBeUndefined();
  expect(run.record.target?.version).toMatch(/\/2\.0\.1$/);
  return azure.requests.all().map(({ method, path, status }) => `${method} ${path} ${status}`);
}

it.each<[string, Form]>([
  ['a path', (path) => path],
  ['a network path', (path, host) => `//${host}${path}`],
])('a link that is %s is followed like a whole one', async (_, form) => {
  const asked = await requestsOf(localAzure());
  expect(asked).toContainEqual(expect.stringMatching(/\/operations\//));
  const azure = localAzure();
  expect(await requestsOf(azure, relative(azure, form))).toEqual(asked);
});

it.each([
  ['//evil.example/next', 'leads to another host'],
  ['http://[', 'is no URL'],
])('the next link %s is refused', async (nextLink, why) => {
  const azure = localAzure();
  const fate = { status: 200, body: { value: [], nextLink } };
  azure.faults.add({ match: { method: 'GET', path: '**/versions' }, times: 99, fate });
  const { failure } = await capture(azure);
  expect(failure).toMatchObject({ kind: 'transient', what: expect.stringContaining(why) });
});
