/** Bad HTTP, and clients that go, at the port of a local Azure. */
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BadClient, compute, expectAzuresShape, good, seed } from './bad-input.ts';

let client: BadClient;

beforeAll(async () => {
  client = await BadClient.start();
});
afterEach(() => client.expectWell());
afterAll(() => client.stop());

const vm = compute('virtualMachines/build-linux');

describe('headers', () => {
  it('may say anything', async () => {
    const latin = fc.string({
      unit: fc
        .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }))
        .map((c) => String.fromCharCode(c)),
    });
    const names = fc.constantFrom(
      'accept',
      'accept-encoding',
      'content-type',
      'x-ms-client-request-id',
      'x-ms-correlation-request-id',
      'if-match',
      'if-none-match',
      'x-ms-return-client-request-id',
      'cookie',
      'range',
      'forwarded',
      'x-forwarded-host',
      'x-http-method-override',
      'content-encoding',
      'referer',
      'user-agent',
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, latin, { noNullPrototype: true }), async (headers) => {
        const answer = await client.send('GET', good, { headers });
        expect(answer.status, answer.text).toBe(200);
      }),
      { seed, numRuns: 150 },
    );
  });

  it.each(['evil.example', 'localhost:1:2', 'a b', '', '[::1', 'localhost/../x', '\u00e4'])(
    'with the host %j are answered',
    async (host) => {
      const said = await client.azure.say(
        `GET ${good} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${client.token}\r\nConnection: close\r\n\r\n`,
      );
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);
      expect([200, 400, 401], said).toContain(status);
      if (status !== 200) expect(said).toMatch(/\{"error":\{"code":"\w+","message":"[^"]/);
    },
  );

  it('that are too large are refused', async () => {
    const said = await client.azure.say(
      `GET ${good} HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(said).toMatch(/^HTTP\/1\.1 431 [\s\S]*\{"error":\{"code":"BadRequest"/);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['control characters in the target', `GET /\u0001\u0002 HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['control characters in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\u0000b\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n'],
    [
      'two lengths',
      'PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ],
    ['a length that is none', 'PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    [
      'a length and chunks',
      'PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a chunk of no size',
      'PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['another version', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n'],
    ['HTTP/2 without being asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('is refused: %s', async (_, text) => {
    expect(await client.azure.say(text)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('may be anything at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const socket = await client.azure.connection();
        socket.resume();
        socket.write(bytes);
        socket.end();
        await once(socket, 'close');
      }),
      { seed, numRuns: 60 },
    );
    await client.expectWell();
  });

  it('may even be no TLS', async () => {
    const { port } = new URL(client.azure.started.endpoint);
    const socket = connect(Number(port), 'localhost');
    socket.on('error', () => {}).resume();
    socket.write(`GET ${good} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, 'close');
  });
});

describe('a client that goes', () => {
  const begin = `PUT ${compute('disks/half')}?api-version=2024-03-02 HTTP/1.1\r\nHost: localhost\r\n`;

  it.each([
    ['within its headers', begin],
    ['before its body', `${begin}Authorization: Bearer TOKEN\r\nContent-Length: 100\r\n\r\n`],
    ['within its body', `${begin}Authorization: Bearer TOKEN\r\nContent-Length: 100\r\n\r\n{"loca`],
    [
      'within a chunk',
      `${begin}Authorization: Bearer TOKEN\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"loca`,
    ],
    [
      'before its answer',
      `GET ${good} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n\r\n`,
    ],
  ])('%s changes nothing', async (_, text) => {
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const socket = await client.azure.connection();
      socket.resume();
      socket.write(text.replace('TOKEN', client.token));
      await client.expectWell();
      socket[leave === 'resetAndDestroy' ? 'destroy' : leave]();
      if (leave !== 'end') continue;
      setTimeout(() => socket.destroy(), 50);
      await once(socket, 'close');
    }
    const world = JSON.parse((await client.send('GET', '/_local/world')).text) as { id: string }[];
    expect(world.filter(({ id }) => id.endsWith('/half'))).toEqual([]);
  });

  it('may come back in numbers', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, () => client.azure.connection()));
    await client.expectWell();
    for (const socket of sockets) socket.destroy();
  });
});

describe('a connection', () => {
  it('serves good requests after bad ones', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<unknown>();
    agent.on('free', (socket) => ports.add(socket.localPort));
    const headers = { authorization: `Bearer ${client.token}` };
    const path = `${compute('disks/d')}?api-version=2024-03-02`;
    const bad: [string, string, string?][] = [
      ['GET', compute('disks/none')],
      ['PUT', path, '{"location": '],
      ['PUT', path, '[]'],
      ['PUT', path, `{"tags": {"a": "${'x'.repeat(5 * 1024 * 1024)}"}}`],
      ['DELETE', '/nothing/here'],
      ['GET', '/%E0%A4%A'],
    ];
    for (const [method, url, body] of bad) {
      const sent = { headers, agent, body };
      expectAzuresShape(await client.azure.call(method, url, sent));
      expect((await client.azure.call('GET', good, { headers, agent })).status).toBe(200);
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  it('keeps requests apart that are sent without waiting', async () => {
    const { host } = new URL(client.azure.started.endpoint);
    const line = (path: string, more = '') =>
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${client.token}\r\n${more}\r\n`;
    const said = await client.azure.say(
      line(good) + line('/%E0%A4%A') + line(vm) + line(good, 'Connection: close\r\n'),
    );
    expect([...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '200',
      '400',
      '400',
      '200',
    ]);
  });
});
