/** An HTTP proxy for tests, as a company has one. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** `host:port` of each CONNECT, in order. */
  readonly asked: string[];
}

/**
 * Starts a proxy that opens tunnels (CONNECT) and remembers where to. `detour` names the origins
 * that are reached elsewhere: the name that the client sees stays, the machine behind it changes.
 */
export async function connectProxy(
  detour: Readonly<Record<string, string>> = {},
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const tunnels = new Set<Duplex>();
  const server: Server = createServer();
  server.on('connect', (request, client) => {
    const to = String(request.url);
    asked.push(to);
    const named = Object.entries(detour).find(
      ([origin]) => `${new URL(origin).hostname}:443` === to,
    );
    const { hostname, port } = new URL(named?.[1] ?? `http://${to}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const [end, other] of [
      [upstream, client],
      [client, upstream],
    ] as const) {
      tunnels.add(end);
      end.on('error', () => other.destroy());
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
