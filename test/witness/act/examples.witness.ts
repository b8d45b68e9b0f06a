/** The examples that users copy, run as they are committed: az and all. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_SUBSCRIPTION } from '../../azure/default-world.ts';
import type { Resource } from '../../azure/world.ts';
import { definition, gallery, idOf, type Place, resource } from '../../azure/world-parts.ts';
import { controls } from '../../runner/control.ts';
import { type LocalAzureProcess, startLocalAzure } from '../../runner/local-azure-process.ts';
import { runWorkflow, type WorkflowOptions, type WorkflowRun } from '../workflow-runner.ts';

const inGroup = (resourceGroup: string): Place => ({
  subscriptionId: DEFAULT_SUBSCRIPTION,
  resourceGroup,
  location: 'westeurope',
});
const BUILDS = inGroup('rg-image-builds');
const IMAGES = inGroup('rg-images');
const WEB = inGroup('rg-web');
const SUBNET = idOf(BUILDS, 'Microsoft.Network/virtualNetworks/subnets', 'build', 'default');
const SCALE_SET = idOf(WEB, 'Microsoft.Compute/virtualMachineScaleSets', 'web');

/** What users of the examples have before they begin. */
function world(): Resource[] {
  const subnet = { addressPrefix: '10.10.0.0/24', provisioningState: 'Succeeded' };
  return [
    resource(BUILDS, 'Microsoft.Network/virtualNetworks', ['build'], {
      addressSpace: { addressPrefixes: ['10.10.0.0/16'] },
      subnets: [{ name: 'default', id: SUBNET, properties: subnet }],
      provisioningState: 'Succeeded',
    }),
    resource(BUILDS, 'Microsoft.Network/virtualNetworks/subnets', ['build', 'default'], subnet),
    gallery(IMAGES, 'golden'),
    definition(IMAGES, 'golden', {
      name: 'ubuntu-2404',
      osType: 'Linux',
      osState: 'Generalized',
      securityType: 'TrustedLaunch',
    }),
    resource(WEB, 'Microsoft.Compute/virtualMachineScaleSets', ['web'], {
      provisioningState: 'Succeeded',
      upgradePolicy: { mode: 'Rolling' },
      virtualMachineProfile: {
        securityProfile: { securityType: 'TrustedLaunch' },
        storageProfile: { osDisk: { osType: 'Linux', createOption: 'FromImage' } },
      },
    }),
  ];
}

interface Example extends Omit<WorkflowOptions, 'workflow'> {
  /** What must be so afterwards, beside that every job succeeded. */
  readonly proof: (run: WorkflowRun, world: ReturnType<typeof reader>) => void;
}

/** Every file of examples/ has its line here. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  'merge-to-main.yml': {
    vars: { BUILD_SUBNET_ID: SUBNET, VMSS_RESOURCE_GROUP: WEB.resourceGroup, VMSS: 'web' },
    proof: (run, world) => {
      expect(Object.keys(run.jobs).sort()).toEqual(['build', 'capture', 'deploy', 'tidy']);
      const version = run.outputs['capture.image']?.['image-version-id'];
      expect(version).toMatch(/\/rg-images\/.*\/versions\/1\.0\.0$/);
      expect(world.properties(SCALE_SET)).toMatchObject({
        virtualMachineProfile: { storageProfile: { imageReference: { id: version } } },
      });
      expect(world.names('Microsoft.Compute/virtualMachines')).toEqual([]);
      expect(world.names('Microsoft.Network/networkInterfaces')).toEqual([]);
      expect(world.names('Microsoft.Compute/disks')).toEqual([]);
    },
  },
};

/** The world as it stands now. */
function reader(all: Awaited<ReturnType<ReturnType<typeof controls>['world']>>) {
  return {
    properties: (id: string) => all.find((each) => each.id === id)?.properties,
    names: (type: string) => all.filter((each) => each.type === type).map(({ name }) => name),
  };
}

/** Held to their contract in test/contract alone: what they need is not in this world yet. */
const NOT_RUN = [
  'deploy.yml',
  'matrix.yml',
  'promote.yml',
  'reusable.yml',
  'rollback-latest.yml',
  'self-hosted.yml',
];

it('every example is run here, or said not to be', () => {
  expect([...Object.keys(EXAMPLES), ...NOT_RUN].sort()).toEqual(readdirSync('examples').sort());
});

it.each(Object.entries(EXAMPLES))('examples/%s', async (file, { proof, ...options }) => {
  await using azure = await azureWith(world());
  const run = await runWorkflow(azure, { ...options, workflow: `examples/${file}` });
  expect(run.annotations.filter((text) => text.startsWith('error'))).toEqual([]);
  expect(run.exitCode, run.log).toBe(0);
  expect(new Set(Object.values(run.jobs))).toEqual(new Set(['success']));
  proof(run, reader(await controls(azure).world()));
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
