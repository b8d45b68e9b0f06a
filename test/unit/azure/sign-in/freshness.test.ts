import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { keepWhileFresh } from '../../../../src/azure/sign-in/method.ts';
import { claimsOf, endOfJwt } from '../../../../src/azure/sign-in/oidc.ts';
import { NOW } from '../../worlds.ts';

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
    const next = keepWhileFresh(
      async () => {
        count++;
        return jwt(lifetime === undefined ? { count } : { count, exp: nowSeconds() + lifetime });
      },
      endOfJwt,
      60,
    );
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
    const next = keepWhileFresh(
      async () => {
        if (++calls === 1) throw new Error('GitHub is down');
        return jwt({ exp: nowSeconds() + 300 });
      },
      endOfJwt,
      60,
    );
    await expect(next()).rejects.toThrow('down');
    await next();
    await next();
    expect(calls).toBe(2);
  });
});
