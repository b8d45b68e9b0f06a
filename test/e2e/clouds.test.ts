/** The shipped bundle in each of Azure's clouds, under that cloud's own host names. */
import { describe, expect, it } from 'vitest';
import { CLOUDS, type CloudName, hostsOf, originsOf } from '../../local-azure/src/cloud.ts';
import { CLIENT_SECRET } from '../../local-azure/src/identity.ts';
import { type ConnectProxy, connectProxy } from '../runner/connect-proxy.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { withAz } from './az.ts';
import { errorsIn, type Stage, stage } from './harness.ts';

const SPEED = 240;

interface Country extends AsyncDisposable {
  readonly local: Stage;
  readonly proxy: ConnectProxy;
  /** A run whose proxy leads every cloud's host names to the one that there is. */
  run(inputs: Record<string, string>, env?: Record<string, string>): Promise<ActionRun>;
}

/** A local Azure that is this cloud, and the way to it by name. */
async function countryOf(name: CloudName): Promise<Country> {
  const local = await stage(SPEED, { cloud: CLOUDS[name] });
  const hosts = Object.values(CLOUDS).flatMap(originsOf);
  const proxy = await connectProxy(
    Object.fromEntries(
      hosts.map((host) => [host, local.azure.endpoint.replace('localhost', '127.0.0.1')]),
    ),
  );
  return {
    local,
    proxy,
    run: (inputs, env = {}) =>
      local.run(inputs, { env: { HTTPS_PROXY: proxy.url, ...env }, mainOnly: true }),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await local[Symbol.asyncDispose]();
    },
  };
}

/** Only looks. */
const LOOK = { 'dry-run': 'true' };

function errorOf(run: ActionRun): string {
  expect(run.exitCode).toBe(1);
  return errorsIn(run.log).join('\n').replaceAll('%0A', '\n');
}

it.each<[CloudName, Record<string, string>, string]>([
  ['AzureCloud', LOOK, 'planned'],
  ['AzureUSGovernment', {}, 'succeeded'],
  ['AzureChinaCloud', {}, 'succeeded'],
])('in %s a run asks that cloud’s own hosts alone', async (name, inputs, state) => {
  const cloud = CLOUDS[name];
  await using country = await countryOf(name);
  const run = await country.run({ ...inputs, environment: name.toLowerCase() });
  expect(errorsIn(run.log)).toEqual([]);
  expect(run.outputs.state).toBe(state);
  expect(run.log).toContain(`Signing in to ${cloud.resourceManager} by GitHub OIDC`);
  expect(run.log).toContain(`audience \`${cloud.exchangeAudience}\``);
  // One for ARM; and one for Entra, whose name MSAL chooses among its aliases.
  const asked = [...new Set(country.proxy.asked)];
  expect(asked).toHaveLength(2);
  expect(hostsOf(cloud).map((host) => `${host}:443`)).toEqual(expect.arrayContaining(asked));
});

describe('AzureUSGovernment', () => {
  it('by every other way to sign in, and by the URL of its ARM', async () => {
    await using country = await countryOf('AzureUSGovernment');
    const { endpoint } = country.local.azure;
    const noToken = { ACTIONS_ID_TOKEN_REQUEST_URL: '' };
    const noIds = { ...LOOK, 'tenant-id': '', 'client-id': '', environment: 'AzureUSGovernment' };
    const noVariables = { ...noToken, AZURE_TENANT_ID: '', AZURE_CLIENT_ID: '' };
    using az = withAz(country.local.azure, { client_secret: CLIENT_SECRET });
    const runs = [
      await country.run({ ...LOOK, environment: CLOUDS.AzureUSGovernment.resourceManager }),
      await country.run(
        { ...LOOK, environment: 'AzureUSGovernment' },
        { ...noToken, AZURE_CLIENT_SECRET: CLIENT_SECRET },
      ),
      await country.run({ ...noIds, 'auth-type': 'cli' }, { ...noVariables, ...az.env }),
      await country.run(
        { ...noIds, 'auth-type': 'managed-identity' },
        { ...noVariables, AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint },
      ),
    ];
    for (const { log, outputs } of runs) {
      expect(errorsIn(log)).toEqual([]);
      expect(outputs.state).toBe('planned');
    }
  });

  it('is what a run for AzureCloud is told to name', async () => {
    await using country = await countryOf('AzureUSGovernment');
    const { endpoint } = country.local.azure;
    const inputs = { ...LOOK, environment: 'AzureCloud' };
    const oidc = errorOf(await country.run(inputs));
    expect(oidc).toMatch(/AADSTS90002.*no such tenant in this cloud.*`environment`/s);
    const noIds = { ...inputs, 'tenant-id': '', 'client-id': '' };
    const none = { AZURE_TENANT_ID: '', AZURE_CLIENT_ID: '' };
    const imds = { ...none, AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint };
    const identity = errorOf(
      await country.run({ ...noIds, 'auth-type': 'managed-identity' }, imds),
    );
    expect(identity).toMatch(/AADSTS500011.*another cloud.*AzureUSGovernment/s);
    using az = withAz(country.local.azure, { client_secret: CLIENT_SECRET });
    const cli = errorOf(
      await country.run({ ...noIds, 'auth-type': 'cli' }, { ...none, ...az.env }),
    );
    expect(cli).toMatch(/AADSTS500011.*another cloud than `environment`.*az cloud set/s);
  });

  it('under a name of one’s own takes the audience that is given', async () => {
    await using country = await countryOf('AzureUSGovernment');
    const refused = errorOf(await country.run(LOOK));
    expect(refused).toMatch(/AADSTS700212.*audience `api:\/\/AzureADTokenExchange`/s);
    const { exchangeAudience: audience } = CLOUDS.AzureUSGovernment;
    const run = await country.run({ ...LOOK, audience });
    expect(run.outputs.state).toBe('planned');
    expect(run.log).toContain(`audience \`${audience}\``);
  });
});
