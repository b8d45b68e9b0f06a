import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AzureCliCredential } from '@azure/identity';
import { codeIn } from './entra-errors.ts';
import { keepWhileFresh } from './freshness.ts';
import type { Explanation, Method } from './method.ts';

/** Milliseconds that `az` may take for a token; its start alone takes a second or two. */
const AZ_TIMEOUT_MS = 60_000;

/** A new token is asked for so long before the old one's end, sooner than the SDK wants one. */
const SPARE_SECONDS = 300;

type Env = Readonly<Record<string, string | undefined>>;

/** Whether somebody is logged in with the Azure CLI, told from its profile without starting it. */
export function hasAzSession(env: Env): boolean {
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
 * The session of `az login`, by `az account get-access-token`; `scope` is the token's, for asking
 * what is wrong.
 */
export function azSession(tenantId: string | undefined, scope: string): Method {
  const az = new AzureCliCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: AZ_TIMEOUT_MS,
  });
  // Unlike MSAL's, this credential keeps nothing, and each start of `az` takes a second or two.
  const plain = keepWhileFresh(
    () => az.getToken(scope),
    ({ expiresOnTimestamp }) => expiresOnTimestamp,
    SPARE_SECONDS,
  );
  return {
    prepare: async () => `the session of \`az login\`${tenantId ? ` in tenant ${tenantId}` : ''}`,
    credential: {
      getToken: (scopes, options) => (options?.claims ? az.getToken(scopes, options) : plain()),
    },
    explain: async (message) => {
      if (/could not be found/i.test(message)) return NOT_INSTALLED;
      const complaint = codeIn(message) ? message : await complaintOfAz(scope, tenantId);
      const code = codeIn(complaint);
      return { ...explainAz(complaint, resourceOf(scope)), ...(code && { code }) };
    },
  };
}

const NOT_INSTALLED: Explanation = {
  why: 'There is no program `az` on the PATH of the runner.',
  remedy:
    'Install the Azure CLI on the runner and log in before this step, as azure/login does; or choose another `auth-type`.',
};

/**
 * What `az` itself complains of. The SDK's credential says no more than "run az login" whenever the
 * CLI advises that, and so drops the reason, AADSTS700024 among them. With `--output none` no token
 * is printed should there be one after all.
 */
function complaintOfAz(scope: string, tenantId: string | undefined): Promise<string> {
  const tenant = tenantId ? ['--tenant', tenantId] : [];
  const args = ['account', 'get-access-token', '--output', 'none', '--resource', resourceOf(scope)];
  // The CLI is a batch file on Windows, which only a shell can start; none of the words is a user's text.
  const options = { timeout: AZ_TIMEOUT_MS, shell: process.platform === 'win32' };
  return new Promise((done) => {
    execFile('az', [...args, ...tenant], options, (_error, _stdout, stderr) => done(stderr));
  });
}

function explainAz(complaint: string, resource: string): Explanation {
  if (complaint.includes('AADSTS700024'))
    return {
      why: 'The session was opened with a GitHub ID token, which lives for five minutes: the CLI can get no new token with it once the first one, of an hour, has run out.',
      remedy:
        'Give `tenant-id` and `client-id` instead of `auth-type: cli`: then the action signs in by GitHub OIDC itself, with a fresh ID token each time. Or log in right before this step.',
    };
  if (complaint.includes('AADSTS500011'))
    return {
      why: `The tenant of the session knows no ${resource}: the session is of another cloud than \`environment\`.`,
      remedy:
        'Log in to the cloud that `environment` names: `az cloud set --name …` before `az login`, or the input `environment` of azure/login.',
    };
  const said = firstSentence(complaint);
  if (codeIn(complaint))
    return {
      why: `Microsoft Entra refuses the session: ${said}`,
      remedy: 'Log in anew right before this step, as azure/login does.',
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

const resourceOf = (scope: string): string => scope.replace(/\/\.default$/, '');

const firstSentence = (text: string): string =>
  (text.split(/\r?\n/).find((line) => line.trim() !== '') ?? '').replace(/^ERROR:\s*/, '').trim();
