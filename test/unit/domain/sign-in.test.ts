import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { AUTH_TYPES, detectAuthType, type Means } from '../../../src/domain/sign-in.ts';

const NOTHING: Means = {
  tenantId: false,
  clientId: false,
  audience: false,
  idToken: false,
  clientSecret: false,
  clientCertificate: false,
  azSession: () => false,
  selfHosted: false,
  identityEndpoint: undefined,
};
const idToken = { idToken: true };
const ids = { tenantId: true, clientId: true };
const secret = { clientSecret: true };
const certificate = { clientCertificate: true };
const session = { azSession: () => true };
const selfHosted = { selfHosted: true };
const endpoint = { identityEndpoint: 'IDENTITY_ENDPOINT' };

describe('the way to sign in when none is named', () => {
  it.each<[Partial<Means>, string, RegExp]>([
    [{}, 'oidc', /no other way/],
    [idToken, 'oidc', /the job is allowed to request a GitHub ID token/],
    [{ ...idToken, ...ids }, 'oidc', /job is allowed/],
    [{ ...idToken, ...ids, ...secret, ...session, ...selfHosted }, 'oidc', /job is allowed/],
    [{ ...idToken, ...selfHosted, ...secret }, 'oidc', /job is allowed/],
    [{ ...idToken, ...session }, 'cli', /session of `az login`, and neither/],
    [{ ...idToken, ...session, tenantId: true }, 'oidc', /job is allowed/],
    [{ ...idToken, ...session, audience: true }, 'oidc', /job is allowed/],
    [
      { ...ids, ...secret },
      'environment',
      /AZURE_CLIENT_SECRET is set, and .*not allowed to request a GitHub ID token/,
    ],
    [{ ...ids, ...certificate }, 'environment', /AZURE_CLIENT_CERTIFICATE_PATH is set/],
    [{ ...ids, ...secret, ...certificate }, 'environment', /AZURE_CLIENT_SECRET is set/],
    [{ ...secret, ...session, ...selfHosted }, 'environment', /AZURE_CLIENT_SECRET/],
    [{ ...secret, audience: true }, 'oidc', /`audience` is given/],
    [session, 'cli', /session of `az login`, and .*not allowed to request a GitHub ID token/],
    [{ ...session, tenantId: true }, 'cli', /session/],
    [{ ...session, ...selfHosted }, 'cli', /session/],
    // Whoever gives both IDs means an application, and has forgotten the permission.
    [{ ...session, ...ids }, 'oidc', /no other way/],
    [{ ...selfHosted, ...ids }, 'oidc', /no other way/],
    [selfHosted, 'managed-identity', /self-hosted/],
    [{ ...selfHosted, clientId: true }, 'managed-identity', /self-hosted/],
    [{ ...endpoint, clientId: true }, 'managed-identity', /IDENTITY_ENDPOINT is set/],
    [{ ...endpoint, ...ids }, 'oidc', /no other way/],
  ])('with %j is %s', (means, authType, because) => {
    const found = detectAuthType({ ...NOTHING, ...means });
    expect(found.authType).toBe(authType);
    expect(found.because).toMatch(because);
  });

  const anyMeans: fc.Arbitrary<Means> = fc.record({
    tenantId: fc.boolean(),
    clientId: fc.boolean(),
    audience: fc.boolean(),
    idToken: fc.boolean(),
    clientSecret: fc.boolean(),
    clientCertificate: fc.boolean(),
    azSession: fc.boolean().map((has) => () => has),
    selfHosted: fc.boolean(),
    identityEndpoint: fc.constantFrom(undefined, 'IDENTITY_ENDPOINT', 'MSI_ENDPOINT'),
  });

  test('never ignores an ID that is known, and never asks for what is not there', () => {
    fc.assert(
      fc.property(anyMeans, (means) => {
        const { authType, because } = detectAuthType(means);
        expect(AUTH_TYPES).toContain(authType);
        expect(because).not.toBe('');
        if (authType !== 'oidc') expect(means.audience).toBe(false);
        if (authType === 'managed-identity') expect(means.tenantId).toBe(false);
        if (authType === 'cli') expect([means.clientId, means.azSession()]).toEqual([false, true]);
        if (authType === 'environment')
          expect([means.idToken, means.clientSecret || means.clientCertificate]).toEqual([
            false,
            true,
          ]);
      }),
    );
  });
});
