/** The local Azure as a process of its own, as `npm run azure` starts it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { weatherFile } from './weather.ts';

const MAIN = fileURLToPath(new URL('../../local-azure/src/main.ts', import.meta.url));

/** The line it prints when it listens. */
export interface Listening {
  readonly endpoint: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly caFile: string;
  /** What a client must export. */
  readonly env: Readonly<Record<string, string>>;
}

export interface LocalAzureProcess extends Listening, AsyncDisposable {}

/** Starts it with these options and waits until it listens; disposing of it stops it. */
export async function startLocalAzure(...options: string[]): Promise<LocalAzureProcess> {
  const file = weatherFile();
  const weather = file === undefined ? [] : ['--weather', file];
  const child = spawn(process.execPath, [MAIN, ...weather, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The local Azure ended with code ${code}`)));
  });
  return {
    ...(JSON.parse(line) as Listening),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
