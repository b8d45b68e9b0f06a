/** The Azure CLI against a local Azure, in words that read like a shell's. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CLIENT_SECRET } from '../../local-azure/src/identity.ts';
import { controls } from '../runner/control.ts';
import { type Listening, startLocalAzure } from '../runner/local-azure-process.ts';
import { azureCli } from './tools.ts';

/** What az left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AzureCli extends AsyncDisposable {
  readonly azure: Listening;
  readonly control: ReturnType<typeof controls>;
  readonly version: string;
  /** The environment in which any `az` is this one: with its cloud and its sign-in. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * Runs `az` and returns what its JSON says; `undefined` for no output. `line` is split at blanks,
   * `literal` is not. Throws with az's own words when az fails.
   */
  // biome-ignore lint/suspicious/noExplicitAny: az's output has no types; the assertions are its check
  (line: string, ...literal: string[]): Promise<any>;
  /** Runs `az`, which must refuse, and returns what it wrote to stderr. */
  refusal(line: string, ...literal: string[]): Promise<string>;
  /** Runs `az`, and judges nothing. */
  run(line: string, ...literal: string[]): Promise<Ended>;
}

/** The name that the local Azure gets among az's clouds. */
const CLOUD = 'Local';

/**
 * Starts a local Azure and an az that knows it as a cloud; not signed in yet. Installs az when it is
 * not there.
 */
export async function azureCliBeside(...options: string[]): Promise<AzureCli> {
  const azure = await startLocalAzure(...options);
  const cli = await azureCliFor(azure);
  const leave = cli[Symbol.asyncDispose];
  cli[Symbol.asyncDispose] = async () => {
    await leave();
    await azure[Symbol.asyncDispose]();
  };
  return cli;
}

/** An az that knows a local Azure that is already there, with a configuration of its own. */
export async function azureCliFor(azure: Listening): Promise<AzureCli> {
  const { path, version } = azureCli();
  const folder = mkdtempSync(join(tmpdir(), 'az-'));
  const env = {
    HOME: folder,
    ...azure.env,
    PATH: `${dirname(path)}:${process.env.PATH}`,
    AZURE_CONFIG_DIR: join(folder, 'config'),
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_OUTPUT: 'json',
    AZURE_CORE_NO_COLOR: 'true',
  };
  const run = async (line: string, ...literal: string[]): Promise<Ended> => {
    const parameters = [...line.split(/\s+/), ...literal];
    const began = performance.now();
    const ended = await start(path, parameters, env);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    print(
      `$ az ${parameters.map(quoted).join(' ')}\n  ${seconds} s, exit code ${ended.exitCode}${gist(ended)}`,
    );
    return ended;
  };
  const az = async (line: string, ...literal: string[]) => {
    const { exitCode, stdout, stderr } = await run(line, ...literal);
    if (exitCode !== 0) throw new Error(`az ${line} ended with code ${exitCode}: ${stderr}`);
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  };
  const cli = Object.assign(az, {
    azure,
    control: controls(azure),
    version,
    env,
    run,
    refusal: async (line: string, ...literal: string[]) => {
      const { exitCode, stdout, stderr } = await run(line, ...literal);
      if (exitCode === 0) throw new Error(`az ${line} was not refused, it said: ${stdout}`);
      return stderr;
    },
    [Symbol.asyncDispose]: async () => {
      rmSync(folder, { recursive: true, force: true });
    },
  });
  print(`azure-cli ${version} against ${azure.endpoint}`);
  await cli(`cloud register --name ${CLOUD} --endpoint-resource-manager ${azure.endpoint}`);
  await cli(`cloud set --name ${CLOUD}`);
  return cli;
}

/** Signs az in with the application's secret. */
export const signIn = (az: AzureCli) =>
  az(
    `login --service-principal --username ${az.azure.clientId} --tenant ${az.azure.tenantId}`,
    '--password',
    CLIENT_SECRET,
  );

const print = (text: string) => process.stdout.write(`${text}\n`);

/** The first thing worth reading of what az wrote. */
function gist({ exitCode, stdout, stderr }: Ended): string {
  const text = exitCode === 0 ? stdout : stderr;
  const flat = text
    .replaceAll(/^WARNING: .*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return flat === '' ? '' : `: ${flat.length > 160 ? `${flat.slice(0, 160)}…` : flat}`;
}

/** As a shell would want it; tokens, which nobody reads, by their beginning. */
const quoted = (text: string): string =>
  text.startsWith('eyJ')
    ? `${text.slice(0, 10)}…`
    : /^[\w./:=@,+-]+$/.test(text)
      ? text
      : `'${text.replaceAll("'", "'\\''")}'`;

function start(path: string, parameters: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(path, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...text }));
  });
}
