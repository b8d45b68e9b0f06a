import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { claimsOf, keepWhileFresh, oidcCredential } from '../../../src/azure/identity.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { NOW } from '../worlds.ts';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${base64({ alg: 'RS256' })}.${base64(claims)}.signature`;
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('claimsOf', () => {
  test('reads what a token says', () => {
    const claims = {
      iss: 'https://issuer.example',
      sub: 'repo:octo/images:ref:refs/heads/main',
      exp: 5,
    };
    expect(claimsOf(jwt(claims))).toEqual(claims);
  });

  it.each([
    '',
    '.',
    'a.b.c',
    'no token',
    jwt(null),
    jwt('text'),
    jwt(7),
    `x.${Buffer.from('{').toString('base64url')}.y`,
  ])('finds nothing in %j, and does not mind', (token) =>
    expect(claimsOf(token)).not.toHaveProperty('exp'),
  );

  test('gives an object, whatever it is given', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json().map((value) => `a.${Buffer.from(value).toString('base64url')}.b`),
    );
    fc.assert(
      fc.property(text, (token) => {
        expect(claimsOf(token)).toBeInstanceOf(Object);
      }),
    );
  });
});

describe('keepWhileFresh', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A source of tokens that live so many seconds, each its own. */
  function source(lifetime: number | undefined) {
    let count = 0;
    const next = keepWhileFresh(async () => {
      count++;
      return jwt(lifetime === undefined ? { count } : { count, exp: nowSeconds() + lifetime });
    });
    return async () => claimsOf(await next()).count;
  }

  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

  test('a token of five minutes serves for four', async () => {
    const next = source(300);
    expect(await next()).toBe(1);
    pass(239);
    expect(await next()).toBe(1);
    pass(2);
    expect(await next()).toBe(2);
  });

  test('tokens are fetched for ever, one for each four minutes', async () => {
    const next = source(300);
    for (let hour = 0; hour < 3600; hour += 10) {
      await next();
      pass(10);
    }
    expect(await next()).toBe(Math.ceil(3600 / 240) + 1);
  });

  it.each([undefined, 0, 59, -100])('one that lives %s seconds serves once', async (lifetime) => {
    const next = source(lifetime);
    expect([await next(), await next()]).toEqual([1, 2]);
  });

  test('a failure is not kept', async () => {
    let calls = 0;
    const next = keepWhileFresh(async () => {
      if (++calls === 1) throw new Error('GitHub is down');
      return jwt({ exp: nowSeconds() + 300 });
    });
    await expect(next()).rejects.toThrow('down');
    await next();
    await next();
    expect(calls).toBe(2);
  });
});

describe('a sign-in that fails', () => {
  const claims = {
    iss: 'https://issuer.example',
    sub: 'repo:octo/images:pull_request',
    aud: 'api://x',
  };
  const getIdToken = async () => jwt({ ...claims, exp: nowSeconds() + 300 });

  /** Entra's answer to the token request; discovery answers as Entra does. */
  const entra = (status: number, body: object): HttpClient => ({
    sendRequest: async (request) => {
      const tenant = 'https://login.example/t';
      const discovery = {
        issuer: `${tenant}/v2.0`,
        token_endpoint: `${tenant}/oauth2/v2.0/token`,
        authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
        jwks_uri: `${tenant}/keys`,
      };
      const asksForToken = request.url.includes('/token');
      return {
        request,
        status: asksForToken ? status : 200,
        headers: createHttpHeaders({ 'content-type': 'application/json' }),
        bodyAsText: JSON.stringify(asksForToken ? body : discovery),
      };
    },
  });

  const attempt = (httpClient: HttpClient, idToken = getIdToken) =>
    oidcCredential({
      tenantId: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
      clientId: 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb',
      cloud: {
        resourceManager: 'https://management.example',
        authority: 'https://login.example',
        scope: 'https://management.example/.default',
        audience: 'api://x',
        instanceDiscovery: false,
      },
      getIdToken: idToken,
      mask: () => undefined,
      httpClient,
    })
      .getToken('https://management.example/.default')
      .catch((thrown: unknown) => thrown as Failure);

  const refusal = (code: string) =>
    entra(400, {
      error: 'invalid_client',
      error_description: `${code}: Entra says no.\r\nTrace ID: 1`,
    });

  it.each([
    ['AADSTS70021', /federated/i],
    ['AADSTS700213', /federated/i],
    ['AADSTS700016', /`client-id`/],
    ['AADSTS90002', /`tenant-id`/],
    ['AADSTS700024', /clock/],
    ['AADSTS99999', /Check `tenant-id` and `client-id`/],
  ])('%s tells what was presented, and what to do', async (code, remedy) => {
    const failure = await attempt(refusal(code));
    expect(failure).toMatchObject({ kind: 'input', code });
    if (!(failure instanceof Failure)) throw failure;
    expect(failure.what).toContain(`issuer "${claims.iss}", subject "${claims.sub}"`);
    expect(failure.what).toContain('client bbbbbbbb');
    expect(failure.remedy).toMatch(remedy);
    expect(failure.message).not.toContain('signature');
  });

  test('because Entra is unwell is tried again', async () => {
    expect(await attempt(refusal('AADSTS90033'))).toMatchObject({ kind: 'transient' });
  });

  test('without an ID token says what the workflow lacks, in its own words', async () => {
    const lack = new Failure({
      kind: 'input',
      what: 'No permission.',
      remedy: 'Add id-token: write.',
    });
    const failure = await attempt(refusal('AADSTS1'), async () => {
      throw lack;
    });
    expect(failure).toBe(lack);
  });
});
