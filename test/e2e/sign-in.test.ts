/** Each way to sign in where it alone works, on the shipped bundle, and how each fails. */
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeClientCertificate } from '../azure/certificates.ts';
import { CLIENT_SECRET, EXPIRED_CLIENT_SECRET } from '../azure/identity.ts';
import { connectProxy } from '../runner/connect-proxy.ts';
import { http } from '../runner/control.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { withAz } from './az.ts';
import { errorsIn, type Stage, stage } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'sign-in-'));
const put = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const PASSWORD = 'open sesame';

let local: Stage;
/** Files of client certificates: registered, its key encrypted, and one that nobody knows. */
const files = { plain: '', encrypted: '', stranger: '' };

beforeAll(async () => {
  const registered = await makeClientCertificate();
  const stranger = await makeClientCertificate();
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' } as const;
  const encrypted = createPrivateKey(registered.key).export({ ...cipher, passphrase: PASSWORD });
  files.plain = put('plain.pem', `${registered.certificate}\n${registered.key}\n`);
  files.encrypted = put('encrypted.pem', `${registered.certificate}\n${encrypted}`);
  files.stranger = put('stranger.pem', `${stranger.certificate}\n${stranger.key}\n`);
  const known = put('registered.pem', registered.certificate);
  local = await stage(undefined, '--client-certificate', known);
});

afterAll(async () => {
  await local[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

beforeEach(() => local.control.clearFaults());

/** Nothing to sign in with but what a test adds: no ID token, no secrets, no metadata service. */
const BARE = {
  ACTIONS_ID_TOKEN_REQUEST_URL: '',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: '',
  AZURE_TENANT_ID: '',
  AZURE_CLIENT_ID: '',
  AZURE_POD_IDENTITY_AUTHORITY_HOST: '',
  AZURE_CONFIG_DIR: folder,
};
const NO_IDS = { 'tenant-id': '', 'client-id': '' };
const imds = () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: local.azure.endpoint });

/** As JSON: an object with a member `then` looks like a promise. */
const ENTRA_IS_CUT_OFF =
  '{"match": {"method": "POST", "path": "**/token"}, "times": 99, "then": {"reset": true}}';

/** A run that only looks: enough to need a token that ARM takes. */
const look = (inputs: Record<string, string>, env: Record<string, string> = {}) =>
  local.run({ 'dry-run': 'true', ...inputs }, { env: { ...BARE, ...env }, mainOnly: true });

/** Lines that hold a token or one of these secrets, other than the commands that mask them. */
const leaksIn = ({ log }: ActionRun, ...secrets: string[]): string[] =>
  log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .filter((line) => /eyJ[\w-]+\.eyJ/.test(line) || secrets.some((each) => line.includes(each)));

function expectPlanned(run: ActionRun, by: RegExp): void {
  expect(errorsIn(run.log)).toEqual([]);
  expect(run.outputs.state).toBe('planned');
  expect(run.log).toMatch(by);
  expect(run.log).toMatch(/^::add-mask::eyJ/m);
}

/** What the one error says, with GitHub's escapes undone. */
function errorOf(run: ActionRun): string {
  expect(run.exitCode).toBe(1);
  const [error = '', ...more] = errorsIn(run.log);
  expect(more).toEqual([]);
  return error.replaceAll('%0A', '\n');
}

/** The VM that the metadata service takes the runner for. */
async function setRunner(identity: object | undefined) {
  const world = await local.control.world();
  const id = `/subscriptions/${local.azure.subscriptionId}/resourceGroups/runners/providers/Microsoft.Compute/virtualMachines/runner`;
  const others = world.filter((each) => each.id !== id);
  await local.control.setWorld([
    ...others,
    { id, location: 'westeurope', ...(identity && { identity }) },
  ]);
}

describe('a run signs in by', () => {
  it('GitHub OIDC, telling issuer and subject', async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN = '' } =
      local.azure.env;
    const run = await look({}, { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN });
    expectPlanned(
      run,
      /by GitHub OIDC as client .* \(issuer "https:\/\/token.actions.githubusercontent.com", subject "repo:contoso\/images:ref:refs\/heads\/main", audience "api:\/\/AzureADTokenExchange"\), because the job may have a GitHub ID token/,
    );
    expect(leaksIn(run)).toEqual([]);
  });

  it('the managed identity of a self-hosted runner, system-assigned, without asking Entra', async () => {
    await local.control.fault(ENTRA_IS_CUT_OFF);
    const self = { ...imds(), RUNNER_ENVIRONMENT: 'self-hosted' };
    const run = await look(NO_IDS, self);
    expectPlanned(run, /by managed identity, the system-assigned one .* because AZURE_POD_ID/);
    expect(leaksIn(run)).toEqual([]);
  });

  it('a managed identity past the proxy that all the rest goes through', async () => {
    await using through = await connectProxy();
    const { endpoint } = local.azure;
    const proxied = { HTTPS_PROXY: through.url, NO_PROXY: '', no_proxy: '' };
    const byAddress = endpoint.replace('localhost', '127.0.0.1');
    const env = { ...proxied, AZURE_POD_IDENTITY_AUTHORITY_HOST: byAddress };
    expectPlanned(await look({ ...NO_IDS, 'auth-type': 'managed-identity' }, env), /by managed/);
    expect(new Set(through.asked)).toEqual(new Set([new URL(endpoint).host]));
  });

  it('a user-assigned managed identity', async () => {
    const clientId = '11111111-2222-4333-8444-555555555555';
    const assigned = { clientId, principalId: '66666666-2222-4333-8444-555555555555' };
    const userAssignedIdentities = { '/subscriptions/s/…/builder': assigned };
    await setRunner({ type: 'UserAssigned', userAssignedIdentities });
    const inputs = { ...NO_IDS, 'client-id': clientId, 'auth-type': 'managed-identity' };
    const run = await look(inputs, imds());
    expectPlanned(
      run,
      new RegExp(`user-assigned one with client ID ${clientId}, because .auth-type`),
    );
  });

  it('the session of az login', async () => {
    using az = withAz(local.azure, { client_secret: CLIENT_SECRET });
    const run = await look(NO_IDS, az.env);
    expectPlanned(run, /by the session of `az login`, because there is a session of `az login`/);
    expect(leaksIn(run, CLIENT_SECRET)).toEqual([]);
  });

  it('a client secret', async () => {
    const run = await look({}, { AZURE_CLIENT_SECRET: CLIENT_SECRET });
    expectPlanned(
      run,
      /by the client secret in AZURE_CLIENT_SECRET as client .* because AZURE_CLI/,
    );
    expect(leaksIn(run, CLIENT_SECRET)).toEqual([]);
    expect(run.log).toContain(`::add-mask::${CLIENT_SECRET}`);
  });

  it.each(['plain', 'encrypted'] as const)('a client certificate, its key %s', async (form) => {
    const password = form === 'encrypted' ? { AZURE_CLIENT_CERTIFICATE_PASSWORD: PASSWORD } : {};
    const run = await look({}, { AZURE_CLIENT_CERTIFICATE_PATH: files[form], ...password });
    expectPlanned(run, /by the client certificate .* \(thumbprint [0-9A-F]{40}\) as client/);
    expect(leaksIn(run, PASSWORD, 'PRIVATE KEY')).toEqual([]);
  });
});

describe('a run that cannot sign in', () => {
  it('by OIDC names the permission, and the other ways', async () => {
    const error = errorOf(await look({}));
    expect(error).toContain('This job may not have a GitHub ID token');
    expect(error).toMatch(/id-token: write.*auth-type/);
  });

  it('by managed identity tells that the metadata service is out of reach', async () => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9' };
    const error = errorOf(await look({ ...NO_IDS, 'auth-type': 'managed-identity' }, env));
    expect(error).toMatch(
      /failed, by managed identity.*169\.254\.169\.254 did not answer \(.*ECONNREFUSED/s,
    );
    expect(error).toContain('self-hosted runner on an Azure VM');
  });

  it('by managed identity tells what the VM lacks', async () => {
    const named = { 'auth-type': 'managed-identity' };
    await setRunner(undefined);
    const none = errorOf(await look({ ...NO_IDS, ...named }, imds()));
    expect(none).toMatch(/no system-assigned identity.*az vm identity assign/s);
    const unknown = await look({ ...named, 'tenant-id': '' }, imds());
    expect(errorOf(unknown)).toMatch(
      /no user-assigned identity with this client ID.*az vm identity/s,
    );
    const userAssignedIdentities = { a: { clientId: 'a' }, b: { clientId: 'b' } };
    await setRunner({ type: 'UserAssigned', userAssignedIdentities });
    const several = errorOf(await look({ ...NO_IDS, ...named }, imds()));
    expect(several).toMatch(/several user-assigned identities.*`client-id`/s);
  });

  it('by az tells that it is not installed, or that nobody is logged in', async () => {
    const cli = { ...NO_IDS, 'auth-type': 'cli' };
    const missing = errorOf(await look(cli, { PATH: folder }));
    expect(missing).toMatch(/failed, by the session of `az login`.*no program `az`.*azure\/login/s);
    using az = withAz(local.azure);
    expect(errorOf(await look(cli, az.env))).toMatch(/Nobody is logged in.*azure\/login/s);
  });

  it('by az tells of a session that has outlived its ID token', async () => {
    await using old = await stage(undefined, '--assertion-seconds', '0');
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } =
      old.azure.env;
    const path = `${url}&audience=api://AzureADTokenExchange`;
    const headers = { authorization: `Bearer ${token}` };
    const { text } = await http(old.azure, 'GET', path, { headers });
    const client_assertion = (JSON.parse(text) as { value: string }).value;
    using az = withAz(old.azure, { client_assertion });
    const run = await old.run(
      { ...NO_IDS, 'auth-type': 'cli' },
      { env: { ...BARE, ...az.env }, mainOnly: true },
    );
    expect(errorOf(run)).toMatch(/AADSTS700024.*opened with a GitHub ID token.*`tenant-id` and/s);
    expect(leaksIn(run)).toEqual([]);
  });

  it.each([
    ['wrong', 'a-guess-at-the-secret', /AADSTS7000215.*secret is wrong.*value of a secret/s],
    ['expired', EXPIRED_CLIENT_SECRET, /AADSTS7000222.*has expired.*az ad app credential reset/s],
  ])('by a secret that is %s says so, not which', async (_how, secret, text) => {
    const run = await look({}, { AZURE_CLIENT_SECRET: secret });
    expect(errorOf(run)).toMatch(text);
    expect(leaksIn(run, secret)).toEqual([]);
  });

  it('by a certificate tells what is wrong with it', async () => {
    const wrong = async (path: string, password = '') => {
      const env = {
        AZURE_CLIENT_CERTIFICATE_PATH: path,
        AZURE_CLIENT_CERTIFICATE_PASSWORD: password,
      };
      return errorOf(await look({}, env));
    };
    expect(await wrong(files.stranger)).toMatch(/AADSTS700027.*not registered.*--cert @FILE.pem/s);
    expect(await wrong(join(folder, 'gone.pem'))).toMatch(
      /gone\.pem: it cannot be read \(ENOENT\)/,
    );
    expect(await wrong(files.encrypted)).toMatch(/cannot be opened \(without a password\)/);
    expect(await wrong(files.encrypted, 'abracadabra')).toMatch(/cannot be opened.*PASSWORD/);
    const pfx = put('cert.pfx', '\u0030\u0082');
    expect(await wrong(pfx)).toMatch(/no certificate in PEM form.*openssl pkcs12/s);
  });

  it('because Entra is cut off says who did not answer, and that it is nobody’s fault', async () => {
    await local.control.fault(ENTRA_IS_CUT_OFF);
    const run = await look({}, { AZURE_CLIENT_SECRET: CLIENT_SECRET });
    expect(errorOf(run)).toMatch(
      /^::error title=Azure or the network.*localhost:\d+ cannot be reached from the runner: .*hang up.*HTTPS_PROXY/s,
    );
  });
});
