import { ClientAssertionCredential, ClientSecretCredential } from '@azure/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { CLIENT_SECRET, EXPIRED_CLIENT_SECRET } from '../src/identity.ts';
import { inProcessFetch, inProcessHttpClient } from '../src/in-process.ts';
import { claimsOf } from '../src/jwt.ts';
import { idOf } from '../src/world-parts.ts';

const AUDIENCE = 'api://AzureADTokenExchange';
const SUBJECT = 'repo:contoso@6844498/images@74729214:ref:refs/heads/main';

let azure: LocalAzure;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-22T09:00:00Z') });
  azure = createLocalAzure({ authentication: true });
});

afterEach(() => {
  vi.useRealTimers();
});

const options = () => ({
  authorityHost: azure.endpoint,
  disableInstanceDiscovery: true,
  httpClient: inProcessHttpClient(azure),
});

const scope = () => `${azure.endpoint}/.default`;

function withAssertion(assertion: () => string): ClientAssertionCredential {
  const { tenantId, clientId } = azure;
  return new ClientAssertionCredential(tenantId, clientId, async () => assertion(), options());
}

async function read(token?: string): Promise<Response> {
  const url = `${azure.endpoint}/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/virtualMachines/build-linux?api-version=2025-04-01`;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return inProcessFetch(azure)(url, { headers });
}

async function problem(response: Response): Promise<{ status: number; code: unknown }> {
  const body = (await response.json()) as { error: { code: unknown } };
  return { status: response.status, code: body.error.code };
}

describe('signing in', () => {
  it('takes a GitHub ID token, and ARM takes the access token until it expires', async () => {
    const credential = withAssertion(() => azure.idToken(AUDIENCE));
    const { token, expiresOnTimestamp } = await credential.getToken(scope());
    expect(expiresOnTimestamp).toBe(Date.now() + 3599_000);
    expect((await read(token)).status).toBe(200);
    vi.setSystemTime(Date.now() + 3_600_000);
    const refused = await read(token);
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await problem(refused)).toEqual({ status: 401, code: 'ExpiredAuthenticationToken' });
  });

  it('does not age tokens when emulated time is advanced', async () => {
    const { token } = await withAssertion(() => azure.idToken()).getToken(scope());
    azure.clock.advance(86_400);
    expect((await read(token)).status).toBe(200);
  });

  it('refuses an ID token that is five minutes old', async () => {
    const old = azure.idToken(AUDIENCE);
    vi.setSystemTime(Date.now() + 301_000);
    await expect(withAssertion(() => old).getToken(scope())).rejects.toThrow('AADSTS700024');
  });

  it('refuses another audience', async () => {
    const attempt = withAssertion(() => azure.idToken('sts.amazonaws.com')).getToken(scope());
    await expect(attempt).rejects.toThrow('AADSTS700212');
  });

  it.each([
    [
      'no federated credential of the world names',
      SUBJECT.replace(/ref:.*/, 'environment:production'),
      'AADSTS700213',
    ],
    [
      'differs in case from that of the credential',
      SUBJECT.replace('contoso', 'Contoso'),
      'AADSTS7002138',
    ],
    [
      'has IDs that the credential lacks',
      'repo:contoso/images:ref:refs/heads/main',
      'AADSTS700213',
    ],
  ])('refuses a subject that %s', async (_how, subject, code) => {
    const type = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials';
    const place = { subscriptionId: azure.subscriptionId, resourceGroup: 'images', location: '' };
    azure.world.put({
      id: idOf(place, type, 'deploy', 'main'),
      name: 'main',
      type,
      properties: {
        issuer: 'https://token.actions.githubusercontent.com',
        subject,
        audiences: [AUDIENCE],
      },
    });
    const attempt = withAssertion(() => azure.idToken()).getToken(scope());
    await expect(attempt).rejects.toThrow(`subject '${SUBJECT}'`);
    await expect(attempt).rejects.toThrow(`${code}:`);
  });

  it('gives subjects without IDs where that is chosen', () => {
    const old = createLocalAzure({ idTokenSubject: 'names' });
    expect(claimsOf(old.idToken())?.sub).toBe('repo:contoso/images:ref:refs/heads/main');
    expect(claimsOf(azure.idToken())?.sub).toBe(SUBJECT);
  });

  it('checks client secrets, and knows one tenant', async () => {
    const { tenantId, clientId } = azure;
    const good = new ClientSecretCredential(tenantId, clientId, CLIENT_SECRET, options());
    expect((await read((await good.getToken(scope())).token)).status).toBe(200);
    const bad = new ClientSecretCredential(tenantId, clientId, 'guess', options());
    await expect(bad.getToken(scope())).rejects.toThrow('AADSTS7000215');
    const old = new ClientSecretCredential(tenantId, clientId, EXPIRED_CLIENT_SECRET, options());
    await expect(old.getToken(scope())).rejects.toThrow('AADSTS7000222');
    const elsewhere = `${azure.endpoint}/${clientId}/oauth2/v2.0/token`;
    const refused = await inProcessFetch(azure)(elsewhere, { method: 'POST' });
    expect(await refused.json()).toMatchObject({ error_codes: [90002] });
  });
});

describe('ARM without a good token', () => {
  it('asks for one', async () => {
    const refused = await read();
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer authorization_uri="${azure.endpoint}/${azure.tenantId}", error="invalid_token", ` +
        `error_description="The authentication failed because of missing 'Authorization' header."`,
    );
    expect(await problem(refused)).toEqual({ status: 401, code: 'AuthenticationFailed' });
  });

  it('refuses what it has not issued, and what is meant for others', async () => {
    expect(await problem(await read('a.b.c'))).toMatchObject({
      code: 'InvalidAuthenticationToken',
    });
    const { token } = await withAssertion(() => azure.idToken()).getToken(
      'https://graph.microsoft.com/.default',
    );
    expect(await problem(await read(token))).toMatchObject({
      code: 'InvalidAuthenticationTokenAudience',
    });
  });
});
