import { performance } from 'node:perf_hooks';
import { serveLocalAzure } from '../../local-azure/src/serve.ts';
import { runAction } from '../../test/runner/run-action.ts';

export interface DryRuns {
  /** Median of the whole step, from the start of the process to its end, milliseconds. */
  readonly milliseconds: number;
  /** Requests to Azure Resource Manager of one of them. */
  readonly requests: readonly { readonly method: string; readonly path: string }[];
}

/** Dry runs of the bundle in the default world: a VM with one data disk, into its own region. */
export async function dryRuns(times: number): Promise<DryRuns> {
  await using served = await serveLocalAzure();
  const { azure, endpoint } = served;
  const inputs = {
    'dry-run': 'true',
    environment: endpoint,
    'subscription-id': azure.subscriptionId,
    'resource-group': 'images',
    vm: 'build-linux',
    gallery: 'golden',
    'image-definition': 'ubuntu-2404',
  };
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    azure.requests.clear();
    const began = performance.now();
    const { exitCode, log } = await runAction({ inputs, env: served.env, mainOnly: true });
    took.push(performance.now() - began);
    if (exitCode !== 0) throw new Error(`A dry run failed:\n${log}`);
  }
  const isArm = ({ path }: { path: string }) => path.startsWith('/subscriptions/');
  return {
    milliseconds: Math.round(took.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0),
    requests: azure.requests.all().filter(isArm),
  };
}
