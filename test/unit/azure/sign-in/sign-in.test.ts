import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { describe, expect, it, test } from 'vitest';
import { credentialFor } from '../../../../src/azure/sign-in/sign-in.ts';
import { Failure } from '../../../../src/domain/failure.ts';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${base64({ alg: 'RS256' })}.${base64(claims)}.signature`;
const nowSeconds = () => Math.floor(Date.now() / 1000);

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
    credentialFor({
      signIn: {
        environment: new URL('https://management.example'),
        identity: {
          authType: 'oidc',
          tenantId: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
          clientId: 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb',
        },
        because: 'the test says so',
      },
      cloud: {
        resourceManager: 'https://management.example',
        authority: 'https://login.example',
        scope: 'https://management.example/.default',
        audience: 'api://x',
        instanceDiscovery: false,
      },
      getIdToken: idToken,
      mask: () => undefined,
      say: () => undefined,
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
    ['AADSTS70021', /az ad app federated-credential create/],
    ['AADSTS70025', /az ad app federated-credential create/],
    ['AADSTS700213', /"subject":"repo:octo\/images:pull_request"/],
    ['AADSTS700016', /`client-id`/],
    ['AADSTS90002', /`tenant-id`/],
    ['AADSTS7000215', /value of a secret/],
    ['AADSTS7000222', /Make a new one/],
    ['AADSTS700027', /Register the certificate/],
    ['AADSTS500011', /Set `environment`/],
    ['AADSTS53003', /policy/],
    ['AADSTS700024', /clock/],
    ['AADSTS99999', /Check `tenant-id` and `client-id`/],
  ])('%s tells what was presented, and what to do', async (code, remedy) => {
    const failure = await attempt(refusal(code));
    expect(failure).toMatchObject({ kind: 'input', code });
    if (!(failure instanceof Failure)) throw failure;
    expect(failure.what).toContain(`issuer \`${claims.iss}\`, subject \`${claims.sub}\``);
    expect(failure.what).toContain('client bbbbbbbb');
    expect(failure.remedy).toMatch(remedy);
    expect(failure.message).not.toContain('signature');
  });

  test('because Entra has a problem is tried again', async () => {
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
