import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controls } from '../../runner/control.ts';
import { type LocalAzureProcess, startLocalAzure } from '../../runner/local-azure-process.ts';
import type { WorkflowRun } from '../workflow-log.ts';
import { runWorkflow } from '../workflow-runner.ts';

let azure: LocalAzureProcess;
beforeEach(async () => {
  azure = await startLocalAzure('--speed', '120');
});
afterEach(() => azure[Symbol.asyncDispose]());

const WORKFLOW = 'test/witness/act/workflows/capture.yml';

const ended = ({ steps }: WorkflowRun, job: string, step: string, stage = 'Main') =>
  steps.find((each) => each.job === job && each.step === step && each.stage === stage)?.result;

const versionId = () =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/ubuntu-2404/versions/1.0.0`;

/** The default world with its build VM stopped from inside. */
async function stopVm() {
  const control = controls(azure);
  const world = await control.world();
  const statuses = [
    { code: 'ProvisioningState/succeeded', level: 'Info' },
    { code: 'PowerState/stopped', level: 'Info' },
  ];
  await control.setWorld(
    world.map((entry) =>
      entry.id.endsWith('/build-linux')
        ? { ...entry, properties: { ...entry.properties, instanceView: { statuses } } }
        : entry,
    ),
  );
}

describe('a workflow run by nektos/act', () => {
  it('captures with `./`, and deploys a VM from the version that `needs` hands over', async () => {
    const run = await runWorkflow(azure, { workflow: WORKFLOW });
    expect(run.annotations.filter((text) => text.startsWith('error'))).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.jobs).toEqual({ capture: 'success', deploy: 'success' });
    expect(run.outputs['capture.image']).toMatchObject({
      'image-version-id': versionId(),
      'image-version': '1.0.0',
      state: 'succeeded',
      changed: 'true',
    });
    expect(ended(run, 'capture', 'image', 'Post')).toBe('success');
    expect(run.summaries).toHaveLength(1);
    expect(run.summaries[0]).toContain('golden/ubuntu-2404/1.0.0');
    expect(run.summaries[0]).toContain(versionId());
    // The deploy job's last word is what az shows of the VM that it made. Before it on the line
    // stands az's progress: act gives its steps a terminal.
    expect(run.log.trimEnd().endsWith(versionId())).toBe(true);
    const world = await controls(azure).world();
    expect(world.find(({ id }) => id.endsWith('/virtualMachines/web'))?.properties).toMatchObject({
      storageProfile: { imageReference: { id: versionId() } },
    });
  });

  it('is refused before anything is changed: `if: failure()` runs, the deployment does not', async () => {
    await stopVm();
    const run = await runWorkflow(azure, { workflow: WORKFLOW });
    expect(run.exitCode).toBe(1);
    expect(run.jobs).toMatchObject({ capture: 'failure', tell: 'success' });
    expect(run.jobs.deploy).toBeUndefined();
    expect(ended(run, 'capture', 'image')).toBe('failure');
    expect(ended(run, 'capture', 'image', 'Post')).toBe('success');
    expect(run.annotations.filter((text) => text.startsWith('error'))).toHaveLength(1);
    expect(run.annotations.join()).toContain('deprovision: never');
    expect(run.log).toContain('failure, state failed, conclusion failure');
    expect(run.log).toContain('The capture ended as failure, failed');
    expect(run.summaries[0]).toContain('vm-stopped');
  });

  // act kills a step at once where GitHub's runner first interrupts it, and calls the job a failure.
  it('is cancelled, tells in `post` what goes on, and finishes when it is run again', async () => {
    const run = await runWorkflow(azure, { workflow: WORKFLOW, cancelAt: /westeurope \d+ %/ });
    expect(run.exitCode).toBe(1);
    expect(run.jobs.capture).toBe('failure');
    expect(run.jobs.deploy).toBeUndefined();
    expect(ended(run, 'capture', 'image', 'Post')).toBe('success');
    expect(run.annotations.join()).toContain('Operations that Azure has accepted continue');
    expect(run.log).toContain('cancelled, version 1.0.0');
    const again = await runWorkflow(azure, { workflow: WORKFLOW });
    expect(again.exitCode).toBe(0);
    expect(again.outputs['capture.image']).toMatchObject({
      'image-version-id': versionId(),
      state: 'succeeded',
    });
  });
});
