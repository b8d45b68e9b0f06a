/** The examples that users copy, run as they are committed: az and all. */
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLIENT_ID } from '../../../local-azure/src/identity.ts';
import { at } from '../../../local-azure/src/json.ts';
import type { WorkflowRun } from '../workflow-log.ts';
import { runWorkflow } from '../workflow-runner.ts';
import { call, EXAMPLES, type Example, script, succeeded } from './examples.ts';
import { azureWith, type World, worldOf } from './examples-azure.ts';
import { DEVELOPED, examplesWorld, inTest, SERVER, SUBNET } from './examples-world.ts';

it('every example is run here', () => {
  expect(Object.keys(EXAMPLES)).toEqual(readdirSync('examples').sort());
});

it.concurrent.each(Object.entries(EXAMPLES))('examples/%s', async (file, example) => {
  const { run, world } = await runExample(file, example);
  expect(run.annotations.filter((text) => text.startsWith('error'))).toEqual([]);
  expect(run.exitCode, run.log).toBe(0);
  expect(new Set(Object.values(run.jobs))).toEqual(new Set(['success']));
  example.proof(run, world);
});

it.concurrent('nightly.yml takes nothing out of `latest` when there is one version alone', async () => {
  const { run, world } = await runExample('nightly.yml', {
    ...exampleOf('nightly.yml'),
    world: [],
  });
  expect(run.exitCode, run.log).toBe(0);
  expect(run.jobs).toEqual({ prune: 'success', candidates: 'success' });
  expect(world.properties(DEVELOPED)).toMatchObject({
    provisioningState: 'Succeeded',
    publishingProfile: { excludeFromLatest: false },
  });
});

it.concurrent.each(['upgrade', 'test'])(
  'rollback.yml restores the VM when the %s fails',
  async (failing) => {
    const example = exampleOf('rollback.yml');
    const files = { ...example.files, [`images/${failing}.sh`]: 'set -e\nfalse\necho passed\n' };
    const { run, world } = await runExample('rollback.yml', { ...example, files });
    // The job tells that the upgrade failed, although the VM is as it was.
    expect(run.jobs).toEqual({ upgrade: 'failure' });
    expect(run.outputs['upgrade.6'], run.log).toMatchObject(succeeded);
    const taken = run.outputs['upgrade.before']?.ids?.trim().split(' ') ?? [];
    expect(JSON.parse(run.outputs['upgrade.6']?.['snapshot-ids'] ?? '')).toEqual(taken);
    expect(taken).toHaveLength(2);
    // Each disk is now one that was made of the snapshot of the disk before it, and the VM runs.
    const ids = world.disks(SERVER);
    expect(ids.map((id) => at(world.properties(id), 'creationData', 'sourceResourceId'))).toEqual(
      taken,
    );
    expect(JSON.stringify(world.properties(SERVER))).toContain('PowerState/running');
  },
);

const exampleOf = (file: string): Example => {
  const example = EXAMPLES[file];
  if (example === undefined) throw new Error(`${file} is not run here`);
  return example;
};

/** Runs an example in a local Azure of its own. */
async function runExample(
  file: string,
  { proof: _, world = [], ...options }: Example,
): Promise<{ run: WorkflowRun; world: World }> {
  await using azure = await azureWith([...examplesWorld(), ...world]);
  const vars = { AZURE_READER_CLIENT_ID: CLIENT_ID, ...options.vars };
  const run = await runWorkflow(azure, { ...options, vars, workflow: `examples/${file}` });
  return { run, world: await worldOf(azure) };
}

it.concurrent('the pipeline promotes what it has verified', async () => {
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
