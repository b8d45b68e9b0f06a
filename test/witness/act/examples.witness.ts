/** The examples that users copy, run as they are committed: az and all. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_SUBSCRIPTION } from '../../../local-azure/src/default-world.ts';
import { CLIENT_ID } from '../../../local-azure/src/identity.ts';
import type { Resource } from '../../../local-azure/src/world.ts';
import { controls } from '../../runner/control.ts';
import { type LocalAzureProcess, startLocalAzure } from '../../runner/local-azure-process.ts';
import type { WorkflowRun } from '../workflow-log.ts';
import { runWorkflow, type WorkflowOptions } from '../workflow-runner.ts';
import {
  DEFINITION,
  DEVELOPED,
  examplesWorld,
  GALLERY_SUBSCRIPTION,
  inProduction,
  inTest,
  SCALE_SET,
  SUBNET,
} from './examples-world.ts';

interface Example extends Omit<WorkflowOptions, 'workflow'> {
  /** What must be so afterwards, beside that every job succeeded. */
  readonly proof: (run: WorkflowRun, world: ReturnType<typeof reader>) => void;
}

const REPO = { full_name: 'contoso/images' };
const PULL_REQUEST = { number: 7, head: { repo: REPO }, base: { repo: REPO } };
const dispatch = { event: 'workflow_dispatch' };
const call = { event: 'workflow_call' };
const subnets = { BUILD_SUBNET_ID: SUBNET, VERIFY_SUBNET_ID: SUBNET };
const scaleSet = { VMSS_RESOURCE_GROUP: SCALE_SET.group, VMSS: SCALE_SET.name };

const succeeded = { state: 'succeeded', changed: 'true' };
const rolledOut = (image: unknown) => ({
  virtualMachineProfile: { storageProfile: { imageReference: { id: image } } },
});

const script = { 'images/install.sh': 'echo installed > /var/lib/image\n' };

/** Every file of examples/ has its line here. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  'base-image.yml': {
    ...dispatch,
    files: script,
    vars: { BUILD_SUBNET_ID: SUBNET },
    proof: (run, world) => {
      expect(run.log).toMatch(/The newest base image is Canonical:.*:\d+\.\d+\.\d+, .* unknown/);
      expect(world.properties(`${DEFINITION}/versions/1.0.1`)).toMatchObject({
        provisioningState: 'Succeeded',
      });
    },
  },
  // Neither Bicep nor Terraform is here.
  'deploy.yml': {
    ...call,
    job: 'scale-set',
    inputs: { 'image-version-id': DEVELOPED },
    vars: scaleSet,
    proof: (_, world) => expect(world.properties(SCALE_SET.id)).toMatchObject(rolledOut(DEVELOPED)),
  },
  'matrix.yml': {
    ...dispatch,
    proof: ({ log }) => {
      for (const name of ['ubuntu-2404-x64', 'ubuntu-2404-arm64', 'windows-2022'])
        expect(log).toMatch(
          new RegExp(
            `artifact ${name}, .*/images/${name}/versions/\\d{4}\\.\\d{3,4}\\.\\d+".*succeeded`,
          ),
        );
    },
  },
  'merge-to-main.yml': {
    vars: { ...subnets, ...scaleSet },
    proof: (run, world) => {
      expect(Object.keys(run.jobs).sort()).toEqual(['build', 'capture', 'deploy', 'tidy']);
      expect(run.outputs['capture.image']).toMatchObject({ ...succeeded, verified: 'true' });
      const version = run.outputs['capture.image']?.['image-version-id'];
      expect(version).toBe(`${DEFINITION}/versions/1.0.1`);
      expect(world.properties(SCALE_SET.id)).toMatchObject(rolledOut(version));
      expect(world.namesBeginning('build-4711-1')).toEqual([]);
    },
  },
  'nightly.yml': {
    ...dispatch,
    vars: {
      GALLERY_SUBSCRIPTION_ID: DEFAULT_SUBSCRIPTION,
      USAGE_SUBSCRIPTION_IDS: DEFAULT_SUBSCRIPTION,
    },
    // The only version of the definition stays.
    proof: (run, world) => {
      expect(run.jobs).toMatchObject({ prune: 'success', candidates: 'success' });
      expect(world.properties(DEVELOPED)).toMatchObject({ provisioningState: 'Succeeded' });
    },
  },
  'pipeline.yml': {
    ...dispatch,
    files: script,
    vars: { BUILD_SUBNET_ID: SUBNET },
    proof: (run, world) => {
      expect(world.properties(`${DEFINITION}/versions/1.0.1`)).toMatchObject({
        provisioningState: 'Succeeded',
        publishingProfile: { excludeFromLatest: false },
      });
      expect(run.log).toContain('GOLDEN IMAGE BUILT');
      // Neither the build VM nor the one that booted the version is left.
      expect(world.namesBeginning('build-4711')).toEqual([]);
      expect(world.namesBeginning('verify-')).toEqual([]);
    },
  },
  'promote.yml': {
    ...dispatch,
    inputs: { version: '1.0.0' },
    vars: { ...subnets, GALLERY_SUBSCRIPTION_ID: GALLERY_SUBSCRIPTION },
    proof: (run, world) => {
      expect(run.outputs['test.image']).toMatchObject({
        ...succeeded,
        verified: 'true',
        'image-version-id': inTest,
      });
      const id = inProduction('1.0.0');
      expect(run.outputs['production.image']).toMatchObject({
        ...succeeded,
        'image-version-id': id,
      });
      expect(world.properties(id)).toMatchObject({
        provisioningState: 'Succeeded',
        publishingProfile: {
          excludeFromLatest: false,
          targetRegions: [
            { name: 'West Europe', regionalReplicaCount: 3 },
            { name: 'North Europe', regionalReplicaCount: 3 },
          ],
        },
      });
    },
  },
  'pull-request.yml': {
    event: 'pull_request',
    payload: { number: PULL_REQUEST.number, pull_request: PULL_REQUEST },
    vars: subnets,
    proof: (run, world) => {
      expect(run.outputs['check.0']).toMatchObject({ state: 'planned', changed: 'false' });
      expect(run.log).toContain('The comment on pull request #7: created.');
      expect(run.outputs['verify.image']).toMatchObject({
        ...succeeded,
        verified: 'true',
        'image-version-id': '',
      });
      for (const left of ['check-', 'verify-', '0.0.'])
        expect(world.namesBeginning(left)).toEqual([]);
    },
  },
  'recall.yml': {
    ...dispatch,
    inputs: { version: '0.2.0' },
    vars: { GALLERY_SUBSCRIPTION_ID: GALLERY_SUBSCRIPTION },
    proof: (run, world) => {
      expect(run.log).toMatch(/latest is now .*0\.1\.0/);
      expect(world.properties(inProduction('0.2.0'))).toMatchObject({
        publishingProfile: { excludeFromLatest: true },
      });
    },
  },
  'reusable.yml': {
    ...call,
    inputs: { vm: 'build-ubuntu', 'image-definition': 'ubuntu-2404' },
    proof: (run, world) => {
      expect(run.outputs['capture.image']).toMatchObject(succeeded);
      expect(world.names('Microsoft.Compute/snapshots')).toHaveLength(2);
    },
  },
  'self-hosted.yml': {
    ...dispatch,
    vars: { RUNNER_IDENTITY_CLIENT_ID: CLIENT_ID, IMAGE_DEFINITION_ID: DEFINITION },
    proof: (run) => {
      expect(run.outputs['capture.image']).toMatchObject(succeeded);
      expect(run.log).toContain('managed identity');
    },
  },
};

/** The world as it stands now. */
function reader(all: Awaited<ReturnType<ReturnType<typeof controls>['world']>>) {
  return {
    properties: (id: string) => all.find((each) => each.id === id)?.properties,
    namesBeginning: (start: string) =>
      all.map(({ id }) => id.split('/').at(-1) ?? '').filter((name) => name.startsWith(start)),
    names: (type: string) => all.filter((each) => each.type === type).map(({ name }) => name),
  };
}

it('every example is run here', () => {
  expect(Object.keys(EXAMPLES)).toEqual(readdirSync('examples').sort());
});

it.each(Object.entries(EXAMPLES))('examples/%s', async (file, { proof, ...options }) => {
  await using azure = await azureWith(examplesWorld());
  const vars = { AZURE_READER_CLIENT_ID: CLIENT_ID, ...options.vars };
  const run = await runWorkflow(azure, { ...options, vars, workflow: `examples/${file}` });
  expect(run.annotations.filter((text) => text.startsWith('error'))).toEqual([]);
  expect(run.exitCode, run.log).toBe(0);
  expect(new Set(Object.values(run.jobs))).toEqual(new Set(['success']));
  proof(run, reader(await controls(azure).world()));
});

it('the pipeline promotes what it has verified', async () => {
  await using azure = await azureWith(examplesWorld());
  const inputs = {
    'image-definition': 'ubuntu-2404',
    'build-script': 'images/install.sh',
    'base-image': 'Ubuntu2404',
    'vm-size': 'Standard_D2s_v5',
    'resource-group': 'rg-image-builds',
    gallery: 'golden',
    'gallery-resource-group': 'rg-images',
    'verify-script': 'grep installed /var/lib/image',
    'promote-gallery': 'test',
    'promote-resource-group': 'rg-test-images',
    'promote-environment': 'test',
  };
  const run = await runWorkflow(azure, {
    ...call,
    workflow: '.github/workflows/pipeline.yml',
    files: script,
    vars: { BUILD_SUBNET_ID: SUBNET },
    inputs,
  });
  expect(run.exitCode, run.log).toBe(0);
  expect(run.outputs['capture.image']).toMatchObject({ ...succeeded, verified: 'true' });
  expect(run.outputs['promote.image']).toMatchObject({
    ...succeeded,
    'image-version-id': inTest.replace('1.0.0', '1.0.1'),
  });
});

async function azureWith(resources: readonly Resource[]): Promise<LocalAzureProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'world-'));
  try {
    const file = join(folder, 'world.json');
    writeFileSync(file, JSON.stringify(resources));
    return await startLocalAzure('--speed', '120', '--world', file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
