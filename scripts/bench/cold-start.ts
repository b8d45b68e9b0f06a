import { execFileSync, spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { serveLocalAzure } from '../../local-azure/src/serve.ts';
import { manifest } from '../../test/runner/run-action.ts';

/**
 * Milliseconds, medians: from starting the bundle to its first request reaching the local Azure,
 * and, alternating with it, of an empty Node from start to end.
 */
export async function coldStarts(times: number): Promise<{ action: number; empty: number }> {
  await using served = await serveLocalAzure();
  const action: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < times; round++) {
    const began = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    empty.push(performance.now() - began);
    action.push(await firstRequest(served));
  }
  return { action: median(action), empty: median(empty) };
}

type Served = Awaited<ReturnType<typeof serveLocalAzure>>;

async function firstRequest({ azure, endpoint, caFile }: Served): Promise<number> {
  azure.requests.clear();
  const began = performance.now();
  const child = spawn(process.execPath, [manifest().runs.main], {
    env: {
      PATH: process.env.PATH,
      NODE_EXTRA_CA_CERTS: caFile,
      INPUT_ENVIRONMENT: endpoint,
      'INPUT_TENANT-ID': azure.tenantId,
      'INPUT_CLIENT-ID': azure.clientId,
      'INPUT_SUBSCRIPTION-ID': azure.subscriptionId,
      'INPUT_RESOURCE-GROUP': 'images',
      INPUT_VM: 'nobody',
      INPUT_GALLERY: 'golden',
      'INPUT_IMAGE-DEFINITION': 'ubuntu-2404',
    },
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.on('close', done));
  while (azure.requests.all().length === 0) await new Promise((done) => setTimeout(done, 1));
  const took = performance.now() - began;
  child.kill('SIGKILL');
  await ended;
  return took;
}

const median = (values: number[]): number =>
  Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
