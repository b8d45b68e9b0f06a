import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { gitHubIdToken } from '../../../src/github/sign-in.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test('an answer of GitHub that never ends is not waited for', async () => {
  await using server = createServer((_, response) => response.write('{"value": "'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', `http://127.0.0.1:${port}/token?x=1`);
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'secret');
  vi.stubEnv('no_proxy', '127.0.0.1');
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
