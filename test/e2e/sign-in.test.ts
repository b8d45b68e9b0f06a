/** Each way to sign in where it alone works, on the shipped bundle. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_SECRET } from '../../local-azure/src/identity.ts';
import { connectProxy } from '../runner/connect-proxy.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { withAz } from './az.ts';
import {
  type BareRunner,
  bareRunner,
  ENTRA_IS_CUT_OFF,
  leaksIn,
  NO_IDS,
  PASSWORD,
} from './bare-runner.ts';
import { errorsIn, stage } from './harness.ts';

let runner: BareRunner;

beforeAll(async () => {
  runner = await bareRunner();
});
afterAll(() => runner[Symbol.asyncDispose]());
beforeEach(() => runner.local.control.clearFaults());

function expectPlanned(run: ActionRun, by: RegExp): void {
  expect(errorsIn(run.log)).toEqual([]);
  expect(run.outputs.state).toBe('planned');
  expect(run.log).toMatch(by);
  expect(run.log).toMatch(/^::add-mask::eyJ/m);
}

describe('a run signs in by', () => {
  it('GitHub OIDC, telling issuer and subject', async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN = '' } =
      runner.local.azure.env;
    const run = await runner.look(
      {},
      { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN },
    );
    expectPlanned(
      run,
      /by GitHub OIDC as client .* \(issuer `https:\/\/token.actions.githubusercontent.com`, subject `repo:contoso@6844498\/images@74729214:ref:refs\/heads\/main`, audience `api:\/\/AzureADTokenExchange`\), because the job is allowed to request a GitHub ID token/,
    );
    expect(leaksIn(run)).toEqual([]);
  });

  it('the managed identity of a self-hosted runner, system-assigned, without asking Entra', async () => {
    await runner.local.control.fault(ENTRA_IS_CUT_OFF);
    const self = { ...runner.imds, RUNNER_ENVIRONMENT: 'self-hosted' };
    const run = await runner.look(NO_IDS, self);
    expectPlanned(run, /by managed identity, the system-assigned one .* because AZURE_POD_ID/);
    expect(leaksIn(run)).toEqual([]);
  });

  it('a managed identity past the proxy that all the rest goes through', async () => {
    await using through = await connectProxy();
    const { endpoint } = runner.local.azure;
    const proxied = { HTTPS_PROXY: through.url, NO_PROXY: '', no_proxy: '' };
    const byAddress = endpoint.replace('localhost', '127.0.0.1');
    const env = { ...proxied, AZURE_POD_IDENTITY_AUTHORITY_HOST: byAddress };
    expectPlanned(
      await runner.look({ ...NO_IDS, 'auth-type': 'managed-identity' }, env),
      /by managed/,
    );
    expect(new Set(through.asked)).toEqual(new Set([new URL(endpoint).host]));
  });

  it('a user-assigned managed identity', async () => {
    const clientId = '11111111-2222-4333-8444-555555555555';
    const assigned = { clientId, principalId: '66666666-2222-4333-8444-555555555555' };
    const userAssignedIdentities = { '/subscriptions/s/…/builder': assigned };
    await runner.setIdentity({ type: 'UserAssigned', userAssignedIdentities });
    const inputs = { ...NO_IDS, 'client-id': clientId, 'auth-type': 'managed-identity' };
    const run = await runner.look(inputs, runner.imds);
    expectPlanned(
      run,
      new RegExp(`user-assigned one with client ID ${clientId}, because .auth-type`),
    );
  });

  it('the session of az login', async () => {
    using az = withAz(runner.local.azure, { client_secret: CLIENT_SECRET });
    const run = await runner.look(NO_IDS, az.env);
    expectPlanned(run, /by the session of `az login`, because there is a session of `az login`/);
    expect(leaksIn(run, CLIENT_SECRET)).toEqual([]);
  });

  it('a client secret', async () => {
    const run = await runner.look({}, { AZURE_CLIENT_SECRET: CLIENT_SECRET });
    expectPlanned(
      run,
      /by the client secret in AZURE_CLIENT_SECRET as client .* because AZURE_CLI/,
    );
    expect(leaksIn(run, CLIENT_SECRET)).toEqual([]);
    expect(run.log).toContain(`::add-mask::${CLIENT_SECRET}`);
  });

  it.each(['plain', 'encrypted'] as const)('a client certificate, its key %s', async (form) => {
    const password = form === 'encrypted' ? { AZURE_CLIENT_CERTIFICATE_PASSWORD: PASSWORD } : {};
    const run = await runner.look(
      {},
      { AZURE_CLIENT_CERTIFICATE_PATH: runner.certificates[form], ...password },
    );
    expectPlanned(run, /by the client certificate .* \(thumbprint [0-9A-F]{40}\) as client/);
    expect(leaksIn(run, PASSWORD, 'PRIVATE KEY')).toEqual([]);
  });
});

describe('a run that outlives its tokens signs in anew', () => {
  const tokenSeconds = 10;

  it('by managed identity', async () => {
    await using brief = await stage(40, { tokenSeconds });
    const inputs = { ...NO_IDS, 'auth-type': 'managed-identity' };
    const run = await brief.run(inputs, { mainOnly: true });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('succeeded');
    const seen = await brief.control.requests();
    const asked = seen.filter(({ path }) => path.startsWith('/metadata/identity'));
    expect(asked.length).toBeGreaterThan(1);
    expect(leaksIn(run)).toEqual([]);
  });

  it('by the session of az login', async () => {
    await using brief = await stage(40, { tokenSeconds });
    using az = withAz(brief.azure, { client_secret: CLIENT_SECRET });
    const inputs = { ...NO_IDS, 'auth-type': 'cli' };
    const run = await brief.run(inputs, {
      env: { ...az.env, AZURE_TENANT_ID: '' },
      mainOnly: true,
    });
    expect(errorsIn(run.log)).toEqual([]);
    expect(run.outputs.state).toBe('succeeded');
    const signIns = (await brief.control.requests()).filter(({ path }) => path.endsWith('/token'));
    expect(signIns.length).toBeGreaterThan(1);
    expect(leaksIn(run, CLIENT_SECRET)).toEqual([]);
  });
});
