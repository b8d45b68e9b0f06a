/** Who does the same job: the script of a practitioner, and the action as one step. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { serveLocalAzure } from '../../local-azure/src/serve.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { runAction } from '../../test/runner/run-action.ts';
import { azureCliFor, signIn } from '../../test/witness/az-cli.ts';
import { type Course, follow } from './course.ts';

const SCRIPT = fileURLToPath(new URL('practitioner.sh', import.meta.url));

/** What is to be done; every round finds the default world anew. */
export interface Job {
  readonly mode: 'Full' | 'Shallow';
  readonly regions: readonly string[];
  readonly version: string;
  /** The version is proven in a VM before it enters `latest`. */
  readonly verified?: true;
}

type Served = Awaited<ReturnType<typeof serveLocalAzure>>;
type Contestant = (served: Served, job: Job) => Promise<Course>;

export const CONTESTANTS: Readonly<Record<'az' | 'action', Contestant>> = {
  az: async (served, job) => {
    // A sign-in of its own, outside the time: azure/login is another step.
    await using az = await azureCliFor(listening(served));
    await signIn(az);
    const env = { ...az.env, ...(job.verified && { SUBNET: subnetId(served) }) };
    return await follow(served.azure, versionId(served, job), () => practitioner(env, job));
  },
  action: (served, job) =>
    follow(served.azure, versionId(served, job), async () => {
      const { azure, endpoint, env } = served;
      const run = await runAction({
        mainOnly: true,
        env,
        inputs: {
          'tenant-id': azure.tenantId,
          'client-id': azure.clientId,
          'subscription-id': azure.subscriptionId,
          environment: endpoint,
          'resource-group': 'images',
          vm: 'build-linux',
          gallery: 'golden',
          'image-definition': 'ubuntu-2404',
          'image-version': job.version,
          'replication-mode': job.mode,
          'target-regions': job.regions.join('\n'),
          snapshot: 'true',
          deprovision: 'never',
          ...(job.verified && {
            verify: 'boot',
            'verify-subnet': subnetId(served),
            'verify-script': 'test -d /etc && echo it works',
          }),
        },
      });
      if (run.exitCode !== 0) throw new Error(`The action failed:\n${run.log}`);
    }),
};

/** One round of one contestant, in a local Azure of its own that is as fast as the real one. */
export async function compete(name: keyof typeof CONTESTANTS, job: Job): Promise<Course> {
  await using served = await serveLocalAzure();
  // Its image boots, though nobody deprovisions it.
  const id = `${versionId(served, job).replace(/\/versions\/.*/, '')}/providers/LocalAzure/guests/default`;
  served.azure.world.put(asResource({ id, properties: { generalized: true } }));
  return await CONTESTANTS[name](served, job);
}

const listening = ({ azure, endpoint, caFile, env }: Served) => {
  const { tenantId, subscriptionId, clientId } = azure;
  return { endpoint, caFile, env, tenantId, subscriptionId, clientId };
};

const versionId = ({ azure }: Served, { version }: Job): string =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/ubuntu-2404/versions/${version}`;

const subnetId = ({ azure }: Served): string =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build/subnets/default`;

function practitioner(env: NodeJS.ProcessEnv, { version, mode, regions }: Job): Promise<void> {
  const names = ['images', 'build-linux', 'golden', 'ubuntu-2404', version, mode, ...regions];
  const child = spawn('bash', [SCRIPT, ...names], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`The script ended with ${code}:\n${text}`)),
    );
  });
}
