import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path, { join } from 'node:path';
import type { AccessToken } from '@azure/identity';
import { jsonIn, membersOf } from '../../domain/plain-objects.ts';
import { codeIn, type Explanation, keepWhileFresh, type Method } from './method.ts';

/** What is thrown when there is no Azure CLI. */
const AZ_IS_MISSING = 'There is no Azure CLI on the PATH.';

/** Milliseconds that `az` may take for a token; its start alone takes a second or two. */
const AZ_TIMEOUT_MS = 60_000;

/** A new token is asked for so long before the old one's end, sooner than the SDK wants one. */
const SPARE_SECONDS = 300;

/** Whether somebody is logged in with the Azure CLI, told from its profile without starting it. */
export function hasAzSession(env: NodeJS.ProcessEnv): boolean {
  const folder = env.AZURE_CONFIG_DIR || join(homedir(), '.azure');
  try {
    // The CLI writes it with a byte order mark (azure-cli, `_session.py`: utf-8-sig).
    const text = readFileSync(join(folder, 'azureProfile.json'), 'utf8').replace(/^\uFEFF/, '');
    const { subscriptions } = JSON.parse(text) as { readonly subscriptions?: unknown };
    return Array.isArray(subscriptions) && subscriptions.length > 0;
  } catch {
    return false;
  }
}

/**
 * The session of `az login`, by `az account get-access-token`. The SDK's own credential starts a
 * shell on Windows, and drops what `az` complains of whenever that advises to log in.
 */
export function azSession(tenantId: string | undefined, scope: string): Method {
  const resource = scope.replace(/\/\.default$/, '');
  const tenant = tenantId ? ['--tenant', tenantId] : [];
  const args = ['account', 'get-access-token', '--output', 'json', '--resource', resource];
  const fetch = async () => tokenIn(await runAz([...args, ...tenant], AZ_TIMEOUT_MS));
  // MSAL keeps tokens; each start of `az` takes a second or two.
  const kept = keepWhileFresh(fetch, ({ expiresOnTimestamp }) => expiresOnTimestamp, SPARE_SECONDS);
  return {
    prepare: async () => `the session of \`az login\`${tenantId ? ` in tenant ${tenantId}` : ''}`,
    // The CLI cannot answer a claims challenge; a new token is the best there is.
    credential: { getToken: (_scopes, options) => (options?.claims ? fetch() : kept()) },
    explain: (complaint) => explainAz(complaint, resource),
  };
}

/**
 * `expires_on` is in seconds since 1970, and there since azure-cli 2.54; `expiresOn` is in the
 * runner's own time zone. The parser's own error would quote a part of the token.
 */
function tokenIn(text: string): AccessToken {
  const printed = jsonIn(text);
  if (printed === undefined) throw new Error('the answer is no JSON');
  const { accessToken, expires_on: seconds, expiresOn: date } = membersOf(printed);
  const end = seconds === undefined ? Date.parse(String(date)) : Number(seconds) * 1000;
  if (typeof accessToken !== 'string' || !accessToken || Number.isNaN(end))
    throw new Error('the answer holds no token with an end');
  return { token: accessToken, expiresOnTimestamp: end };
}

function explainAz(complaint: string, resource: string): Explanation {
  if (complaint === AZ_IS_MISSING)
    return {
      why: 'There is no program `az` on the PATH of the runner.',
      remedy:
        'Install the Azure CLI on the runner and log in before this step, as azure/login does; or choose another `auth-type`.',
    };
  if (complaint.includes('AADSTS700024'))
    return {
      why: 'The session was opened with a GitHub ID token, which is valid for five minutes. The first access token is valid for an hour; then the CLI cannot get another one.',
      remedy:
        'Give `tenant-id` and `client-id` instead of `auth-type: cli`. The action then signs in with GitHub OIDC itself, with a fresh ID token each time. Or log in right before this step.',
    };
  if (complaint.includes('AADSTS500011'))
    return {
      why: `The tenant of the session knows no ${resource}: the session is of another cloud than \`environment\`.`,
      remedy:
        'Log in to the cloud that `environment` names: `az cloud set --name …` before `az login`, or the input `environment` of azure/login.',
    };
  const first = complaint.split(/\r?\n/).find((line) => line.trim() !== '') ?? '';
  const said = first.replace(/^ERROR:\s*/, '').trim();
  if (/certificate verify failed|CERTIFICATE_VERIFY_FAILED/i.test(complaint))
    return {
      why: 'The Azure CLI does not accept the certificate of Microsoft Entra: it has a list of its own, which `NODE_EXTRA_CA_CERTS` does not extend.',
      remedy:
        'Set `REQUESTS_CA_BUNDLE` to a PEM file that has your certificate authority too, for the login and for this step.',
    };
  if (codeIn(complaint))
    return {
      why: `Microsoft Entra refuses the session: ${said}`,
      remedy: 'Log in again right before this step, as azure/login does.',
    };
  if (/az login/.test(complaint))
    return {
      why: `Nobody is logged in: ${said}`,
      remedy:
        'Log in before this step in the same job, as azure/login does; or choose another `auth-type`.',
    };
  return {
    kind: 'transient',
    why: said ? `\`az\` says: ${said}` : '`az` gave no token, and no reason, within a minute.',
    remedy:
      'Run `az account get-access-token --output none` in a step before this one to see more.',
  };
}

/**
 * What to start for `az`, with the arguments that come before all others. On Windows `az` is a batch
 * file, which only a shell can run, and a shell reads more into arguments than they say. It does no
 * more than start the Python beside it (azure-cli, `build_scripts/windows/scripts/az.cmd`), and so
 * does this.
 */
export function azProgram(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  exists: (file: string) => boolean = existsSync,
): { readonly file: string; readonly args: readonly string[] } | undefined {
  if (platform !== 'win32') return { file: 'az', args: [] };
  const { join } = path.win32;
  const folders = (env.PATH ?? env.Path ?? '').split(';').filter(Boolean);
  const home = folders.find((folder) =>
    ['az.cmd', 'az.bat'].some((name) => exists(join(folder, name))),
  );
  if (home === undefined) return undefined;
  const python = [join(home, '..', 'python.exe'), join(home, 'python.exe')].find(exists);
  return python === undefined ? undefined : { file: python, args: ['-IBm', 'azure.cli'] };
}

/** Runs `az` and gives what it prints; throws what it complains of. */
export function runAz(args: readonly string[], timeout: number): Promise<string> {
  const program = azProgram(process.platform, process.env);
  if (!program) return Promise.reject(new Error(AZ_IS_MISSING));
  return new Promise((done, fail) => {
    execFile(program.file, [...program.args, ...args], { timeout }, (error, stdout, stderr) => {
      if (!error) done(stdout);
      else if (error.code === 'ENOENT') fail(new Error(AZ_IS_MISSING));
      else fail(new Error(stderr));
    });
  });
}
