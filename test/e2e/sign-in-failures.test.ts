/** What a run says when it cannot sign in, for each way to do so. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_SECRET, EXPIRED_CLIENT_SECRET } from '../../local-azure/src/identity.ts';
import { http } from '../runner/control.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { withAz } from './az.ts';
import { type BareRunner, bareRunner, ENTRA_IS_CUT_OFF, leaksIn, NO_IDS } from './bare-runner.ts';
import { errorsIn, stage } from './harness.ts';

let runner: BareRunner;

beforeAll(async () => {
  runner = await bareRunner();
});
afterAll(() => runner[Symbol.asyncDispose]());
beforeEach(() => runner.local.control.clearFaults());

/** What the one error says, with GitHub's escapes undone. */
function errorOf(run: ActionRun): string {
  expect(run.exitCode).toBe(1);
  const [error = '', ...more] = errorsIn(run.log);
  expect(more).toEqual([]);
  return error.replaceAll('%0A', '\n');
}

describe('a run that cannot sign in', () => {
  it('by OIDC names the permission, and the other ways', async () => {
    const error = errorOf(await runner.look({}));
    expect(error).toContain('This job is not allowed to request a GitHub ID token');
    expect(error).toMatch(/id-token: write.*auth-type/);
  });

  it('by managed identity tells that the metadata service is out of reach', async () => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9' };
    const error = errorOf(await runner.look({ ...NO_IDS, 'auth-type': 'managed-identity' }, env));
    expect(error).toMatch(
      /failed, by managed identity.*169\.254\.169\.254 did not answer \(.*ECONNREFUSED/s,
    );
    expect(error).toContain('self-hosted runner on an Azure VM');
  });

  it('by managed identity tells what the VM lacks', async () => {
    const named = { 'auth-type': 'managed-identity' };
    await runner.setIdentity(undefined);
    const none = errorOf(await runner.look({ ...NO_IDS, ...named }, runner.imds));
    expect(none).toMatch(/no system-assigned identity.*az vm identity assign/s);
    const unknown = await runner.look({ ...named, 'tenant-id': '' }, runner.imds);
    expect(errorOf(unknown)).toMatch(
      /no user-assigned identity with this client ID.*az vm identity/s,
    );
    const userAssignedIdentities = { a: { clientId: 'a' }, b: { clientId: 'b' } };
    await runner.setIdentity({ type: 'UserAssigned', userAssignedIdentities });
    const several = errorOf(await runner.look({ ...NO_IDS, ...named }, runner.imds));
    expect(several).toMatch(/several user-assigned identities.*`client-id`/s);
  });

  it('by az tells that it is not installed, or that nobody is logged in', async () => {
    const cli = { ...NO_IDS, 'auth-type': 'cli' };
    const missing = errorOf(await runner.look(cli, { PATH: runner.folder }));
    expect(missing).toMatch(/failed, by the session of `az login`.*no program `az`.*azure\/login/s);
    using az = withAz(runner.local.azure);
    expect(errorOf(await runner.look(cli, az.env))).toMatch(/Nobody is logged in.*azure\/login/s);
    const odd = join(az.env.AZURE_CONFIG_DIR ?? '', 'az');
    writeFileSync(odd, '#!/bin/sh\necho "ERROR: The disk is full." >&2\nexit 1\n');
    expect(errorOf(await runner.look(cli, az.env))).toMatch(/`az` says: The disk is full\./);
  });

  it('by az tells of a session that has outlived its ID token', async () => {
    await using old = await stage(undefined, { assertionSeconds: 0 });
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } =
      old.azure.env;
    const path = `${url}&audience=api://AzureADTokenExchange`;
    const headers = { authorization: `Bearer ${token}` };
    const { text } = await http(old.azure, 'GET', path, { headers });
    const client_assertion = (JSON.parse(text) as { value: string }).value;
    using az = withAz(old.azure, { client_assertion });
    const run = await old.run(
      { ...NO_IDS, 'auth-type': 'cli' },
      { env: { ...runner.env, ...az.env }, mainOnly: true },
    );
    expect(errorOf(run)).toMatch(/AADSTS700024.*opened with a GitHub ID token.*`tenant-id` and/s);
    expect(leaksIn(run)).toEqual([]);
  });

  it.each([
    ['wrong', 'a-guess-at-the-secret', /AADSTS7000215.*secret is wrong.*value of a secret/s],
    ['expired', EXPIRED_CLIENT_SECRET, /AADSTS7000222.*has expired.*az ad app credential reset/s],
  ])('by a secret that is %s says so, not which', async (_how, secret, text) => {
    const run = await runner.look({}, { AZURE_CLIENT_SECRET: secret });
    expect(errorOf(run)).toMatch(text);
    expect(leaksIn(run, secret)).toEqual([]);
  });

  it('by a certificate tells what is wrong with it', async () => {
    const wrong = async (path: string, password = '') => {
      const env = {
        AZURE_CLIENT_CERTIFICATE_PATH: path,
        AZURE_CLIENT_CERTIFICATE_PASSWORD: password,
      };
      return errorOf(await runner.look({}, env));
    };
    expect(await wrong(runner.certificates.stranger)).toMatch(
      /AADSTS700027.*not registered.*--cert @FILE.pem/s,
    );
    expect(await wrong(join(runner.folder, 'gone.pem'))).toMatch(
      /gone\.pem: it cannot be read \(ENOENT\)/,
    );
    expect(await wrong(runner.certificates.encrypted)).toMatch(
      /cannot be opened \(without a password\)/,
    );
    expect(await wrong(runner.certificates.encrypted, 'abracadabra')).toMatch(
      /cannot be opened.*PASSWORD/,
    );
    const pfx = runner.put('cert.pfx', '\u0030\u0082');
    expect(await wrong(pfx)).toMatch(/no certificate in PEM form.*openssl pkcs12/s);
  });

  it('because Entra is cut off says who did not answer, and that it is nobody’s fault', async () => {
    await runner.local.control.fault(ENTRA_IS_CUT_OFF);
    const run = await runner.look({}, { AZURE_CLIENT_SECRET: CLIENT_SECRET });
    expect(errorOf(run)).toMatch(
      /^::error title=The dry run failed.*localhost:\d+ cannot be reached from the runner: .*hang up.*HTTPS_PROXY/s,
    );
  });
});
