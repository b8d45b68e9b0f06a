import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { stage } from './harness.ts';

/** A CONNECT proxy that remembers where it was asked to go. */
async function proxy(): Promise<{ url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const tunnels = new Set<Duplex>();
  const server: Server = createServer();
  server.on('connect', (request, client) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    asked.push(`${hostname}:${port}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const end of [upstream, client]) {
      tunnels.add(end);
      end.on('error', () => end.destroy());
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  };
}

it('goes through HTTPS_PROXY for ARM, sign-in and GitHub alike, unless NO_PROXY says otherwise', async () => {
  await using local = await stage();
  await using through = await proxy();
  const env = { HTTPS_PROXY: through.url, NO_PROXY: '', no_proxy: '' };
  const inputs = { vm: 'nobody' };
  const run = await local.run(inputs, { env, mainOnly: true });
  expect(run.log).toContain('nobody does not exist');
  const seen = await local.control.requests();
  expect(seen.map(({ path }) => path).join('\n')).toMatch(
    /idtoken[\s\S]*oauth2[\s\S]*virtualMachines/i,
  );
  expect(through.asked.length).toBeGreaterThan(0);
  expect(new Set(through.asked)).toEqual(new Set([new URL(local.azure.endpoint).host]));

  through.asked.length = 0;
  const direct = await local.run(inputs, {
    env: { ...env, NO_PROXY: 'localhost' },
    mainOnly: true,
  });
  expect(direct.log).toContain('nobody does not exist');
  expect(through.asked).toEqual([]);
});
