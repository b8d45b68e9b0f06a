/** Signing in with a certificate, by the SDK, which signs PS256 with `x5t#S256`; and by hand. */
import { createHash, sign, X509Certificate } from 'node:crypto';
import { ClientCertificateCredential } from '@azure/identity';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { type ClientCertificate, makeClientCertificate } from '../src/certificates.ts';
import { inProcessFetch, inProcessHttpClient } from '../src/in-process.ts';

const DAY = 86_400_000;

let registered: ClientCertificate;
let stranger: ClientCertificate;
let expired: ClientCertificate;
let azure: LocalAzure;

beforeAll(async () => {
  registered = await makeClientCertificate();
  stranger = await makeClientCertificate();
  expired = await makeClientCertificate(new Date(Date.now() - DAY));
  const clientCertificates = [registered.certificate, expired.certificate];
  azure = createLocalAzure({ clientCertificates });
});

const scope = () => `${azure.endpoint}/.default`;

const bySdk = ({ certificate, key }: ClientCertificate) =>
  new ClientCertificateCredential(
    azure.tenantId,
    azure.clientId,
    { certificate: `${certificate}\n${key}` },
    {
      authorityHost: azure.endpoint,
      disableInstanceDiscovery: true,
      httpClient: inProcessHttpClient(azure),
    },
  ).getToken(scope());

describe('the SDK', () => {
  it('signs in with the registered certificate', async () => {
    expect((await bySdk(registered)).token).toMatch(/^ey/);
  });

  it('is refused with another, which is named by its thumbprint', async () => {
    const { fingerprint256 } = new X509Certificate(stranger.certificate);
    await expect(bySdk(stranger)).rejects.toThrow(
      new RegExp(`AADSTS700027.*not registered.*${fingerprint256.replaceAll(':', '')}`),
    );
  });

  it('is refused with one that has expired', async () => {
    await expect(bySdk(expired)).rejects.toThrow(/AADSTS700027.*The key used is expired/);
  });

  it('is refused when the key is not the one of the certificate', async () => {
    const mixed = { certificate: registered.certificate, key: stranger.key };
    await expect(bySdk(mixed)).rejects.toThrow(
      /AADSTS700027.*did not match the expected signature/,
    );
  });
});

describe('an assertion made by hand', () => {
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenUrl = () => `${azure.endpoint}/${azure.tenantId}/oauth2/v2.0/token`;

  function assertion(head: object, claims: object): string {
    const now = Math.floor(Date.now() / 1000);
    const { clientId } = azure;
    const all = { aud: tokenUrl(), iss: clientId, sub: clientId, nbf: now, exp: now + 600 };
    const content = `${base64({ alg: 'RS256', ...head })}.${base64({ ...all, ...claims })}`;
    const signature = sign('sha256', Buffer.from(content), registered.key);
    return `${content}.${signature.toString('base64url')}`;
  }

  async function exchange(client_assertion: string): Promise<unknown> {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: azure.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
      scope: scope(),
    });
    const answer = await inProcessFetch(azure)(tokenUrl(), { method: 'POST', body: form });
    const { error_codes } = (await answer.json()) as { error_codes?: number[] };
    return error_codes?.[0] ?? answer.status;
  }

  const sha1 = () => ({
    x5t: createHash('sha1')
      .update(new X509Certificate(registered.certificate).raw)
      .digest('base64url'),
  });

  it('may name the certificate by SHA-1 and be signed RS256', async () => {
    expect(await exchange(assertion(sha1(), {}))).toBe(200);
  });

  it.each<[number, () => object, object]>([
    [50027, () => ({}), {}],
    [700027, () => ({ ...sha1(), alg: 'none' }), {}],
    [700023, sha1, { aud: 'https://login.example/other' }],
    [700024, sha1, { exp: 1 }],
  ])('is refused with %d', async (code, head, claims) => {
    expect(await exchange(assertion(head(), claims))).toBe(code);
  });
});
