/** Programs that use libraries for Azure, each against a local Azure of its own. */
import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { CLIENT_SECRET } from '../../local-azure/src/identity.ts';
import { connectProxy } from '../runner/connect-proxy.ts';
import { controls } from '../runner/control.ts';
import { startLocalAzure } from '../runner/local-azure-process.ts';

/** What programs call that cannot be told where Azure is. */
const PUBLIC_CLOUD = ['https://management.azure.com', 'https://login.microsoftonline.com'];

/**
 * Runs a program that makes a version in a gallery of its own, and expects that it was told what
 * Azure tells. Prints how many requests it made. A proxy leads the names of the public cloud there.
 */
export async function expectBelief(
  versions: string,
  command: string,
  ...parameters: string[]
): Promise<void> {
  await using azure = await startLocalAzure('--speed', '60');
  await using proxy = await connectProxy(
    Object.fromEntries(PUBLIC_CLOUD.map((origin) => [origin, azure.endpoint])),
  );
  const env = {
    ...process.env,
    ...azure.env,
    HTTPS_PROXY: proxy.url,
    AZURE_SUBSCRIPTION_ID: azure.subscriptionId,
    AZURE_CLIENT_SECRET: CLIENT_SECRET,
  };
  const told = JSON.parse(await output(command, parameters, env));
  const requests = await controls(azure).requests();
  process.stdout.write(`${versions}: ${requests.length} requests\n`);
  expect(requests.filter(({ status = 0 }) => status === 0 || status >= 500)).toEqual([]);
  expect(told).toEqual({
    missing: '404 ResourceNotFound',
    gallery: 'Succeeded',
    generation: 'V2',
    during: ['Creating', 'InProgress'],
    state: 'Succeeded',
    regions: [
      ['westeurope', 'Completed', 100],
      ['northeurope', 'Completed', 100],
    ],
    listed: ['1.0.0'],
    refused: '409 CannotDeleteResource',
    gone: '404 ResourceNotFound',
  });
}

function output(
  command: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve(text.stdout);
      else reject(new Error(`${command} ended with code ${exitCode}: ${text.stderr}`));
    });
  });
}
