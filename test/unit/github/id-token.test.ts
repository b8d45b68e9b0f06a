import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { gitHubIdToken } from '../../../src/github/id-token.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A GitHub that answers so, in place of its own. */
async function gitHub(answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', `http://127.0.0.1:${port}/token?x=1`);
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'secret');
  vi.stubEnv('no_proxy', '127.0.0.1');
  return server;
}

test('an answer of GitHub that never ends is not waited for', async () => {
  await using server = await gitHub((_, response) => response.write('{"value": "'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const token = gitHubIdToken('api://AzureADTokenExchange');
  const end = expect(token).rejects.toMatchObject({
    kind: 'transient',
    why: 'GitHub gave no whole answer in 60 seconds',
  });
  await once(server, 'request');
  await vi.advanceTimersByTimeAsync(60_000);
  await end;
  server.closeAllConnections();
});

test('a refusal by GitHub is told with its status', async () => {
  await using _server = await gitHub((_, response) =>
    response.writeHead(401).end('{"message": "Bad credentials"}'),
  );
  await expect(gitHubIdToken('api://AzureADTokenExchange')).rejects.toMatchObject({
    why: 'GitHub answered 401 (Bad credentials).',
  });
});
