/**
 * Stands in for the Azure CLI where the action asks it for a token: `az account get-access-token`,
 * with the CLI's own session files, words and exit codes (azure-cli, `_profile.py`, `auth/util.py`,
 * `auth/msal_credentials.py`). It asks Entra at AZURE_AUTHORITY_HOST. Anything else it refuses.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What `az login --service-principal` keeps. */
interface Session {
  readonly client_id: string;
  readonly tenant: string;
  readonly client_secret?: string;
  readonly client_assertion?: string;
}

const { AZURE_CONFIG_DIR = '', AZURE_AUTHORITY_HOST = '' } = process.env;

function session(): Session | undefined {
  try {
    const file = join(AZURE_CONFIG_DIR, 'service_principal_entries.json');
    return JSON.parse(readFileSync(file, 'utf8'))[0];
  } catch {
    return undefined;
  }
}

function fail(message: string): never {
  process.stderr.write(`ERROR: ${message}\n`);
  process.exit(1);
}

async function getAccessToken(resource: string, tenant: string | undefined) {
  const found = session();
  if (!found) fail("Please run 'az login' to setup account.");
  const { client_id, client_secret, client_assertion } = found;
  const proof: Record<string, string> = client_assertion
    ? {
        client_assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }
    : { client_secret: client_secret ?? '' };
  const scope = `${resource}/.default`;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id,
    scope,
    ...proof,
  });
  const url = `${AZURE_AUTHORITY_HOST}/${tenant ?? found.tenant}/oauth2/v2.0/token`;
  const answer = (await (await fetch(url, { method: 'POST', body })).json()) as Record<
    string,
    string
  >;
  if (answer.error_description)
    fail(
      `${answer.error_description}\nInteractive authentication is needed. Please run:\naz login`,
    );
  const expires = Math.floor(Date.now() / 1000) + Number(answer.expires_in);
  return {
    accessToken: answer.access_token,
    expiresOn: new Date(expires * 1000).toISOString().slice(0, 19).replace('T', ' '),
    expires_on: expires,
    tenant: tenant ?? found.tenant,
    tokenType: 'Bearer',
  };
}

const text = { type: 'string' } as const;
const options = { output: text, resource: text, tenant: text };
const { values, positionals } = parseArgs({ options, strict: true, allowPositionals: true });
if (positionals.join(' ') !== 'account get-access-token' || !values.resource)
  fail(`The stand-in knows no such command: az ${process.argv.slice(2).join(' ')}`);
const token = await getAccessToken(values.resource, values.tenant);
if (values.output === 'json') process.stdout.write(`${JSON.stringify(token, undefined, 2)}\n`);
else if (values.output !== 'none') fail(`The stand-in knows no output ${values.output}`);
