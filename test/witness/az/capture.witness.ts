import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AzureCli, azureCliBeside, signIn } from '../az-cli.ts';

let az: AzureCli;
/** What is needed of the build VM before it is changed. */
let disks: { os: string; data: string };
let vmId: string;

beforeAll(async () => {
  az = await azureCliBeside('--speed', '60');
  await signIn(az);
});
afterAll(() => az[Symbol.asyncDispose]());

const VM = '--resource-group images --name build-linux';
const DEFINITION =
  '--resource-group images --gallery-name golden --gallery-image-definition ubuntu-2404';
const VERSION = `${DEFINITION} --gallery-image-version 1.0.0`;

interface Status {
  readonly code: string;
}
const codes = (statuses: readonly Status[]) => statuses.map(({ code }) => code);

describe('the Azure CLI, doing by hand what the action does', () => {
  it('shows the VM', async () => {
    const vm = await az(`vm show ${VM}`);
    expect(vm).toMatchObject({
      name: 'build-linux',
      location: 'westeurope',
      provisioningState: 'Succeeded',
      securityProfile: { securityType: 'TrustedLaunch' },
      storageProfile: { osDisk: { osType: 'Linux' }, dataDisks: [{ lun: 0 }] },
    });
    vmId = vm.id;
    const { osDisk, dataDisks } = vm.storageProfile;
    disks = { os: osDisk.managedDisk.id, data: dataDisks[0].managedDisk.id };
  });

  it('shows the VM with its power state and addresses', async () => {
    expect(await az(`vm show --show-details ${VM}`)).toMatchObject({
      powerState: 'VM running',
      privateIps: '10.10.0.4',
    });
  });

  it('shows the VM’s instance view', async () => {
    const { instanceView } = await az(`vm get-instance-view ${VM}`);
    expect(codes(instanceView.statuses)).toEqual([
      'ProvisioningState/succeeded',
      'PowerState/running',
    ]);
    expect(codes(instanceView.vmAgent.statuses)).toEqual(['ProvisioningState/succeeded']);
  });

  it('shows a disk and its security type', async () => {
    expect(await az(`disk show --ids ${disks.os}`)).toMatchObject({
      diskSizeGB: 64,
      diskState: 'Attached',
      hyperVGeneration: 'V2',
      managedBy: vmId,
      securityProfile: { securityType: 'TrustedLaunch' },
    });
  });

  it('runs a script in the guest, and gets its output and its errors', async () => {
    const invoke = `vm run-command invoke ${VM} --command-id RunShellScript`;
    const { value } = await az(invoke, '--scripts', 'echo out $((6 * 7)); echo oops >&2; exit 3');
    expect(value).toHaveLength(1);
    // Run Command calls every script that ran a success.
    expect(value[0].code).toBe('ProvisioningState/succeeded');
    expect(value[0].message).toContain('[stdout]\nout 42\n');
    expect(value[0].message).toContain('[stderr]\noops\n');
  });

  it('snapshots both disks at once, not waiting, then waits', async () => {
    const create = (name: string, source: string) =>
      az(
        `snapshot create --resource-group images --name ${name} --source ${source} --incremental true --tags why=witness --no-wait`,
      );
    await Promise.all([create('before-os', disks.os), create('before-data', disks.data)]);
    for (const [name, source] of [
      ['before-os', disks.os],
      ['before-data', disks.data],
    ]) {
      await az(`snapshot wait --resource-group images --name ${name} --created --interval 1`);
      expect(await az(`snapshot show --resource-group images --name ${name}`)).toMatchObject({
        incremental: true,
        provisioningState: 'Succeeded',
        tags: { why: 'witness' },
        creationData: { createOption: 'Copy', sourceResourceId: source },
      });
    }
    const names = await az('snapshot list --resource-group images --query [].name');
    expect(names.sort()).toEqual(['before-data', 'before-os']);
  });

  it('deallocates and generalizes', async () => {
    await az(`vm deallocate ${VM}`);
    await az(`vm generalize ${VM}`);
    const { instanceView } = await az(`vm get-instance-view ${VM}`);
    expect(codes(instanceView.statuses)).toEqual([
      'OSState/generalized',
      'ProvisioningState/succeeded',
      'PowerState/deallocated',
    ]);
  });

  it('cannot start what is generalized', async () => {
    expect(await az.refusal(`vm start ${VM}`)).toMatch(/generalized/i);
  });

  it('begins a version in three regions, and sees it being replicated', async () => {
    await az(
      `sig image-version create ${VERSION} --virtual-machine ${vmId} --tags cost-center=4711 --no-wait --target-regions`,
      'West Europe=3',
      'northeurope=2=Premium_LRS',
      'eastus2',
    );
    const version = await az(`sig image-version show ${VERSION} --expand ReplicationStatus`);
    expect(version.provisioningState).toBe('Creating');
    expect(version.replicationStatus.aggregatedState).toBe('InProgress');
    expect(
      version.replicationStatus.summary.map(({ region }: { region: string }) => region),
    ).toEqual(['westeurope', 'northeurope', 'eastus2']);
    const plain = await az(`sig image-version show ${VERSION}`);
    expect(plain.replicationStatus).toBeFalsy();
    expect(plain.storageProfile.osDiskImage).toBeFalsy();
  });

  it('waits until the operation has ended, and then until every region has it', async () => {
    await az(`sig image-version wait ${VERSION} --created --interval 1 --timeout 120`);
    await az(
      `sig image-version wait ${VERSION} --expand ReplicationStatus --interval 1 --timeout 120 --custom`,
      "properties.replicationStatus.aggregatedState=='Completed'",
    );
    const version = await az(`sig image-version show ${VERSION} --expand ReplicationStatus`);
    expect(version).toMatchObject({
      provisioningState: 'Succeeded',
      tags: { 'cost-center': '4711' },
      storageProfile: {
        source: { virtualMachineId: vmId },
        osDiskImage: { sizeInGB: 64 },
        dataDiskImages: [{ lun: 0, sizeInGB: 32 }],
      },
    });
    expect(version.publishingProfile.targetRegions).toMatchObject([
      { name: 'West Europe', regionalReplicaCount: 3 },
      { name: 'North Europe', regionalReplicaCount: 2, storageAccountType: 'Premium_LRS' },
      { name: 'East US 2', regionalReplicaCount: 1 },
    ]);
    for (const region of version.replicationStatus.summary)
      expect(region).toMatchObject({ state: 'Completed', progress: 100 });
  });

  it('changes a version: out of latest, a fourth region', async () => {
    const before = await az(`sig image-version show ${VERSION}`);
    const after = await az(
      `sig image-version update ${VERSION} --add publishingProfile.targetRegions name=swedencentral --set publishingProfile.excludeFromLatest=true tags.reviewed=yes`,
    );
    expect(after.publishingProfile.excludeFromLatest).toBe(true);
    expect(after.tags).toEqual({ ...before.tags, reviewed: 'yes' });
    expect(after.publishingProfile.targetRegions.map(({ name }: { name: string }) => name)).toEqual(
      ['West Europe', 'North Europe', 'East US 2', 'Sweden Central'],
    );
    await az(
      `sig image-version wait ${VERSION} --expand ReplicationStatus --interval 1 --timeout 120 --custom`,
      "properties.replicationStatus.aggregatedState=='Completed'",
    );
    expect(await az(`sig image-version list ${DEFINITION} --query [].name`)).toEqual(['1.0.0']);
  });

  it('makes a VM from the version with a request of its own', async () => {
    const group = `/subscriptions/${az.azure.subscriptionId}/resourceGroups/images`;
    const url = `${group}/providers/Microsoft.Compute/virtualMachines/from-version?api-version=2024-07-01`;
    const nic = `${group}/providers/Microsoft.Network/networkInterfaces/from-version`;
    const subnet = `${group}/providers/Microsoft.Network/virtualNetworks/build/subnets/default`;
    await az(
      `rest --method put --url ${nic}?api-version=2024-05-01 --body`,
      JSON.stringify({
        location: 'westeurope',
        properties: { ipConfigurations: [{ name: 'ip', properties: { subnet: { id: subnet } } }] },
      }),
    );
    const { id } = await az(`sig image-version show ${VERSION}`);
    const body = (location: string) =>
      JSON.stringify({
        location,
        properties: {
          hardwareProfile: { vmSize: 'Standard_D2s_v5' },
          storageProfile: {
            imageReference: { id },
            osDisk: {
              createOption: 'FromImage',
              managedDisk: { storageAccountType: 'Premium_LRS' },
            },
          },
          securityProfile: {
            securityType: 'TrustedLaunch',
            uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
          },
          osProfile: {
            computerName: 'fresh',
            adminUsername: 'operator',
            adminPassword: 'Quite-long-1234',
          },
          networkProfile: { networkInterfaces: [{ id: nic }] },
        },
      });
    const made = await az(`rest --method put --url ${url} --body`, body('westeurope'));
    expect(made.properties).toMatchObject({
      provisioningState: 'Creating',
      storageProfile: { imageReference: { id } },
    });
    await az('vm wait --resource-group images --name from-version --created --interval 1');
    const view = await az('vm get-instance-view --resource-group images --name from-version');
    expect(codes(view.instanceView.statuses)).toContain('PowerState/running');
    expect(view.storageProfile.dataDisks).toHaveLength(1);
    const elsewhere = url.replace('from-version', 'elsewhere');
    expect(
      await az.refusal(`rest --method put --url ${elsewhere} --body`, body('japaneast')),
    ).toMatch(/GalleryImageNotFound.*japaneast/i);
  });

  it('deletes what it made', async () => {
    await az('vm delete --resource-group images --name from-version --yes');
    for (const name of ['before-os', 'before-data'])
      await az(`snapshot delete --resource-group images --name ${name} --no-wait`);
    for (const name of ['before-os', 'before-data'])
      await az(`snapshot wait --resource-group images --name ${name} --deleted --interval 1`);
    expect(await az('snapshot list --resource-group images')).toEqual([]);
    await az(`sig image-version delete ${VERSION} --no-wait`);
    await az(`sig image-version wait ${VERSION} --deleted --interval 1 --timeout 120`);
    expect(await az(`sig image-version list ${DEFINITION}`)).toEqual([]);
    expect(await az.refusal(`sig image-version show ${VERSION}`)).toContain('ResourceNotFound');
  });
});
