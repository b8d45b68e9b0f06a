import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { http } from '../../runner/control.ts';
import { type AzureCli, azureCliBeside, signIn } from '../az-cli.ts';

let az: AzureCli;
beforeAll(async () => {
  az = await azureCliBeside('--speed', '60', '--assertion-seconds', '20');
});
afterAll(() => az[Symbol.asyncDispose]());

/** A GitHub ID token, asked for as a workflow step does. */
async function idToken(audience = 'api://AzureADTokenExchange'): Promise<string> {
  const { env } = az.azure;
  const url = new URL(env.ACTIONS_ID_TOKEN_REQUEST_URL ?? '');
  const answer = await http(
    az.azure,
    'GET',
    `${url.pathname}${url.search}&audience=${encodeURIComponent(audience)}`,
    { headers: { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` } },
  );
  return JSON.parse(answer.text).value;
}

const login = () =>
  `login --service-principal --username ${az.azure.clientId} --tenant ${az.azure.tenantId}`;

describe('the Azure CLI, signing in', () => {
  it('learns from the endpoint alone what this cloud consists of', async () => {
    const { endpoints, isActive, name } = await az('cloud show');
    expect({ name, isActive }).toEqual({ name: 'Local', isActive: true });
    expect(endpoints.activeDirectory).toBe(az.azure.endpoint);
    expect(endpoints.resourceManager).toBe(az.azure.endpoint);
    expect(endpoints.activeDirectoryResourceId).toBe(`${az.azure.endpoint}/`);
  });

  it('asks for a sign-in before anything else', async () => {
    expect(await az.refusal('vm list')).toContain("Please run 'az login'");
  });

  it('signs in with a secret and finds the subscription', async () => {
    const accounts = await signIn(az);
    expect(accounts).toHaveLength(1);
    expect(accounts[0]).toMatchObject({
      id: az.azure.subscriptionId,
      tenantId: az.azure.tenantId,
      state: 'Enabled',
      isDefault: true,
      user: { name: az.azure.clientId, type: 'servicePrincipal' },
    });
    expect(await az('group list')).toMatchObject([{ name: 'images', location: 'westeurope' }]);
    await az('logout');
  });

  it('is told in Entra’s words that a secret is wrong', async () => {
    const text = await az.refusal(login(), '--password', 'guessed');
    expect(text).toMatch(/AADSTS7000215: Invalid client secret provided/);
  });

  it('signs in with the federated token of a workflow', async () => {
    const accounts = await az(login(), '--federated-token', await idToken());
    expect(accounts).toMatchObject([{ id: az.azure.subscriptionId }]);
    expect(await az('vm list --query [].name')).toEqual(['build-linux', 'build-windows']);
    const token = await az('account get-access-token');
    expect(token).toMatchObject({ tokenType: 'Bearer', tenant: az.azure.tenantId });
    await az('logout');
  });

  it('is refused with a token for another audience', async () => {
    const text = await az.refusal(login(), '--federated-token', await idToken('api://elsewhere'));
    expect(text).toContain('AADSTS700212');
  });

  it('is refused with a token that has expired', async () => {
    const stale = await idToken();
    await new Promise((done) => setTimeout(done, 20_500));
    const text = await az.refusal(login(), '--federated-token', stale);
    expect(text).toContain('AADSTS700024: Client assertion is not within its valid time range');
  });

  it('is refused as an application that nobody knows', async () => {
    const unknown = login().replace(az.azure.clientId, '00000000-0000-0000-0000-00000000beef');
    expect(await az.refusal(unknown, '--password', 'x')).toContain('AADSTS700016');
  });
});
