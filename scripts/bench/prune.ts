import { performance } from 'node:perf_hooks';
import { defaultWorld } from '../../local-azure/src/default-world.ts';
import { serveLocalAzure } from '../../local-azure/src/serve.ts';
import { runAction } from '../../test/runner/run-action.ts';
import { agedVersion } from '../../test/scenarios/prune-worlds.ts';

export interface PruneDryRun {
  readonly milliseconds: number;
  readonly requests: number;
  /** Characters of the outputs and of the job summary. */
  readonly outputs: number;
  readonly summary: number;
  /** Peak memory of the bundle's process is bounded by what it keeps of each version. */
  readonly versions: number;
}

/** A dry run of a prune of the bundle, of a definition with so many versions, all of them old. */
export async function pruneDryRun(versions: number): Promise<PruneDryRun> {
  const [first] = defaultWorld();
  const subscriptionId = first?.id.split('/')[2] ?? '';
  const world = Array.from({ length: versions }, (_, index) =>
    agedVersion(
      { subscriptionId },
      { number: `1.${index}.0`, days: 400 - (index * 300) / versions },
    ),
  );
  await using served = await serveLocalAzure({ world: [...defaultWorld(), ...world] });
  const inputs = {
    operation: 'prune',
    'dry-run': 'true',
    environment: served.endpoint,
    'subscription-id': subscriptionId,
    'resource-group': 'images',
    gallery: 'golden',
    'image-definition': 'ubuntu-2404',
    'older-than': '90d',
    'usage-subscriptions': subscriptionId,
  };
  const began = performance.now();
  const run = await runAction({ inputs, env: served.env, mainOnly: true });
  const milliseconds = Math.round(performance.now() - began);
  if (run.exitCode !== 0) throw new Error(`A dry run of a prune failed:\n${run.log}`);
  return {
    milliseconds,
    requests: served.azure.requests.all().length,
    outputs: Object.values(run.outputs).reduce((sum, { length }) => sum + length, 0),
    summary: run.summary.length,
    versions,
  };
}
