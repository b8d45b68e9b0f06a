/** `scope` of a token request: a list, of which one member names the resource. */
import { describe, expect, it } from 'vitest';
import { createLocalAzure } from '../src/azure.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT_ID } from '../src/identity.ts';

const azure = createLocalAzure();
const ARM = `${azure.endpoint}//.default`;

async function ask(scope: string) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    scope,
  });
  const url = `${azure.endpoint}/${TENANT_ID}/oauth2/v2.0/token`;
  const answer = await azure.fetch(new Request(url, { method: 'POST', body }));
  return (await answer.json()) as {
    access_token?: string;
    error?: string;
    error_codes?: number[];
    error_description?: string;
  };
}

function audienceOf(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { aud: string }).aud;
}

describe('a scope', () => {
  it.each([
    ['alone', ARM],
    ['as MSAL for Go sends it', `${ARM} openid offline_access profile`],
    ['as MSAL for Java sends it', `openid profile offline_access ${ARM}`],
    ['twice, with several blanks', `  ${ARM}  ${ARM} `],
    ['with a slash less', `${azure.endpoint}/.default openid`],
  ])('names the resource: %s', async (_, scope) => {
    const { access_token: token = '' } = await ask(scope);
    expect(audienceOf(token).replace(/\/$/, '')).toBe(azure.endpoint);
  });

  it.each([
    ['of an unknown resource', 'https://example.com/.default openid', 'invalid_resource', 500011],
    ['of no resource', 'openid offline_access profile', 'invalid_scope', 1002012],
    ['with nothing in it', ' ', 'invalid_scope', 1002012],
    ['of a user', `${azure.endpoint}/user_impersonation`, 'invalid_scope', 1002012],
    ['of two resources', `${ARM} https://vault.azure.net/.default`, 'invalid_scope', 28000],
  ])('is refused: %s', async (_, scope, error, code) => {
    expect(await ask(scope)).toMatchObject({ error, error_codes: [code] });
    expect((await ask(scope)).error_description).toContain(`AADSTS${code}: `);
  });
});
