/** Requests for what is not there, without the right to it, or for no version of it, over HTTPS. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AzureProcess } from './azure-process.ts';
import {
  BadClient,
  compute,
  expectAzuresShape,
  good,
  refusalOf,
  seed,
  visible,
} from './bad-input.ts';

let client: BadClient;

beforeAll(async () => {
  client = await BadClient.start();
});
afterEach(() => client.expectWell());
afterAll(() => client.stop());

const vm = compute('virtualMachines/build-linux');

describe('an api-version', () => {
  const get = (path: string, version: string) =>
    client.send('GET', `${path}?api-version=${encodeURIComponent(version)}`);

  it('must be there', async () => {
    for (const query of ['', '?', '?api-version', '?api-version=', '?Api=2024-07-01'])
      expect(refusalOf(await client.send('GET', vm + query))).toEqual([
        400,
        'MissingApiVersionParameter',
      ]);
  });

  it('must be a date', async () => {
    const isVersion = (text: string) => text === '' || /^\d{4}-\d\d-\d\d(-\w+)?$/.test(text);
    const texts = fc.oneof(
      fc.string().filter((text) => !isVersion(text)),
      fc.constantFrom(
        'latest',
        '2024',
        '2024-7-1',
        '2024-13-01',
        '2023-02-29',
        '2024-07-01-',
        '0000-00-00',
        '2024-07-01;',
      ),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(refusalOf(await get(vm, text))).toEqual([400, 'InvalidApiVersionParameter']);
      }),
      { seed, numRuns: 100 },
    );
  });

  it.each([
    ['a resource', vm, 400, 'NoRegisteredProviderFound'],
    [
      'a nested one',
      `${compute('galleries/golden')}/images/ubuntu-2404`,
      400,
      'NoRegisteredProviderFound',
    ],
    ['one that is not there', compute('disks/none'), 404, 'InvalidResourceType'],
    ['a list', compute('snapshots'), 404, 'InvalidResourceType'],
  ])('must be one that the type of %s has', async (_, path, status, code) => {
    for (const version of ['1999-01-01', '2024-01-01', '2099-01-01', '2024-07-01-preview'])
      expect(refusalOf(await get(path, version))).toEqual([status, code]);
  });

  it('is a matter of the service where it asks about an operation', async () => {
    const unknown = compute('locations/westeurope/DiskOperations/none');
    const [, code] = refusalOf(await get(unknown, '2022-09-01'));
    expect(['InvalidResourceType', 'NoRegisteredProviderFound']).not.toContain(code);
  });

  it('must be one that any other provider can have', async () => {
    const nic = `${vm.replace(/\/providers.*/, '')}/providers/Microsoft.Network/networkInterfaces`;
    for (const version of ['1999-01-01', '2999-01-01'])
      expect(refusalOf(await get(nic, version))).toEqual([400, 'InvalidApiVersionParameter']);
    expect((await get(nic, '2024-05-01')).status).toBe(200);
  });
});

describe('a token', () => {
  const withHeader = (authorization: string) =>
    client.send('GET', good, { headers: { authorization } });

  it('must be there', async () => {
    const answer = await client.azure.call('GET', good);
    expect(refusalOf(answer)).toEqual([401, 'AuthenticationFailed']);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer authorization_uri="https:/);
  });

  it('must be one of Entra’s', async () => {
    const part = visible.map((text) => Buffer.from(text).toString('base64url'));
    const claims = fc
      .jsonValue()
      .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    const header = fc.oneof(
      visible,
      visible.map((text) => `Bearer ${text}`),
      fc.tuple(claims, claims, part).map((parts) => `Bearer ${parts.join('.')}`),
      fc.constantFrom(
        '',
        'Bearer',
        'Bearer ',
        'Bearer ..',
        'Basic YTpi',
        `Bearer ${'x'.repeat(8000)}`,
      ),
    );
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        const answer = await withHeader(text);
        expect(refusalOf(answer)).toEqual([401, 'InvalidAuthenticationToken']);
        expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
      }),
      { seed, numRuns: 150 },
    );
  });

  it('must not have been changed anywhere', async () => {
    const [head, , signature] = client.token.split('.');
    const claims = Buffer.from('{"aud":"https://management.azure.com","exp":99999999999}');
    const forged = [head, claims.toString('base64url'), signature].join('.');
    const noAlgorithm = [
      Buffer.from('{"alg":"none"}').toString('base64url'),
      claims.toString('base64url'),
      '',
    ];
    for (const token of [
      forged,
      noAlgorithm.join('.'),
      client.token.slice(0, -4),
      `${client.token}.x`,
    ])
      expect(refusalOf(await withHeader(`Bearer ${token}`))).toEqual([
        401,
        'InvalidAuthenticationToken',
      ]);
  });

  it('must not have expired', async () => {
    const azure = await AzureProcess.start('--token-seconds', '0');
    try {
      const headers = { authorization: `Bearer ${await azure.signIn()}` };
      const answer = await azure.call('GET', good, { headers });
      expect(refusalOf(answer)).toEqual([401, 'ExpiredAuthenticationToken']);
    } finally {
      await azure.stop();
    }
  });
});

describe('a path or a method', () => {
  const segment = fc.oneof(
    visible.map(encodeURIComponent),
    fc.string().map((text) => encodeURIComponent(text.toWellFormed())),
    fc.constantFrom(
      'subscriptions',
      'resourceGroups',
      'providers',
      'Microsoft.Compute',
      'virtualMachines',
      'build-linux',
      'images',
      '',
      '.',
      '..',
      '%2e%2e',
      '%2F',
      '%5c',
      '%00',
      '%25',
      '%C3%A4',
      '*',
      '$batch',
      '__proto__',
    ),
  );

  it('that is not known gets an error, and never anything else', async () => {
    const paths = fc
      .array(segment, { minLength: 1, maxLength: 9 })
      .map((parts) => `/${parts.join('/')}`);
    const methods = fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS');
    await fc.assert(
      fc.asyncProperty(
        methods,
        fc.oneof(
          paths,
          paths.map((path) => vm + path),
        ),
        async (method, path) => {
          fc.pre(!path.toLowerCase().startsWith('/_local'));
          const answer = await client.send(method, `${path}?api-version=2024-07-01`);
          expectAzuresShape(answer);
          if (!path.startsWith(vm)) expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
        },
      ),
      { seed, numRuns: 500 },
    );
  });

  it.each([
    ['a%2Fb', 400, 'InvalidResourceName'],
    ['a%5Cb', 400, 'InvalidResourceName'],
    ['a%00', 400, 'InvalidResourceName'],
    ['a%0D%0Aset-cookie:%20b', 400, 'InvalidResourceName'],
    ['%3Cscript%3E', 400, 'InvalidResourceName'],
    ['a%252Fb', 400, 'InvalidResourceName'],
    ['%E0%A4%A', 400, 'BadRequest'],
    ['%', 400, 'BadRequest'],
    ['..%2F..%2Fdisks', 400, 'InvalidResourceName'],
    ['%C3%A4', 404, 'ResourceNotFound'],
    ['x'.repeat(10_000), 404, 'ResourceNotFound'],
    ['constructor', 404, 'ResourceNotFound'],
    ['__proto__', 404, 'ResourceNotFound'],
  ])('that hides something in a name is refused: %s', async (name, status, code) => {
    const path = `${compute(`virtualMachines/${name}`)}?api-version=2024-07-01`;
    expect(refusalOf(await client.send('GET', path))).toEqual([status, code]);
    if (code !== 'ResourceNotFound')
      expect(refusalOf(await client.send('PUT', path, { body: '{}' }))).toEqual([status, code]);
  });

  it('that is spelt otherwise is the same', async () => {
    for (const path of [
      `${vm}/`,
      vm.replace('/resourceGroups', '//RESOURCEGROUPS'),
      vm.replaceAll('/', '//'),
      vm.replace('build-linux', 'build%2Dlinux'),
      vm.replace('/virtualMachines', '/x/../virtualMachines'),
    ])
      expect((await client.send('GET', `${path}?api-version=2024-07-01`)).status, path).toBe(200);
  });

  it.each(['OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH', 'LOCK', 'POST'])(
    'is refused when a resource does not have it: %s',
    async (method) => {
      expect(refusalOf(await client.send(method, good))).toEqual([501, 'NotModelled']);
    },
  );

  it('HEAD is answered without a body', async () => {
    const answer = await client.send(
      'HEAD',
      `${compute('virtualMachines/none')}?api-version=2024-07-01`,
    );
    expect([answer.status >= 400, answer.text]).toEqual([true, '']);
  });

  it.each([
    '$filter=%00%27',
    '$expand=__proto__',
    'sasUriExpirationTimeInMinutes=NaN',
    '$top=-1&$skipToken=x',
    `x=${'y'.repeat(7000)}`,
    '%E0%A4%A=%',
  ])('with an odd query is answered: %s', async (query) => {
    for (const path of [
      vm,
      compute('disks'),
      `${vm}/retrieveBootDiagnosticsData`,
      vm.replace(/\/resourceGroups.*/, '/providers/Microsoft.Compute/skus'),
    ]) {
      const method = path.endsWith('Data') ? 'POST' : 'GET';
      expectAzuresShape(await client.send(method, `${path}?api-version=2021-07-01&${query}`));
    }
  });
});
