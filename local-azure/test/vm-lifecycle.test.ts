import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalAzure, type LocalAzure } from '../src/azure.ts';
import { objectsAt, textAt } from '../src/json.ts';
import { asResource } from '../src/world.ts';
import { arm, computeClient, elapse, GROUP, pass } from './sdk.ts';

let azure: LocalAzure;
let group: string;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-22T09:00:00Z') });
  azure = createLocalAzure({ throttling: false });
  group = `/subscriptions/${azure.subscriptionId}/resourceGroups/${GROUP}/providers`;
});

afterEach(() => {
  azure[Symbol.dispose]();
  vi.useRealTimers();
});

const names = (type: string) =>
  azure.world
    .list(group.replace('/providers', ''), `Microsoft.Compute/${type}`)
    .map((each) => each.name);

/** A version that is `Completed` in West Europe and still replicating to North Europe. */
function putVersion(name: string, more: Record<string, unknown> = {}): string {
  const id = `${group}/Microsoft.Compute/galleries/golden/images/ubuntu-2404/versions/${name}`;
  azure.world.put(
    asResource({
      id,
      location: 'westeurope',
      properties: {
        provisioningState: 'Succeeded',
        publishingProfile: { targetRegions: [{ name: 'West Europe' }], ...more },
        storageProfile: {
          osDiskImage: { sizeInGB: 64 },
          dataDiskImages: [{ lun: 0, sizeInGB: 32 }],
        },
        replicationStatus: {
          summary: [
            { region: 'westeurope', state: 'Completed', progress: 100 },
            { region: 'northeurope', state: 'Replicating', progress: 99 },
          ],
        },
      },
    }),
  );
  return id;
}

async function putNic(): Promise<string> {
  const path = 'Microsoft.Network/networkInterfaces/test-nic';
  await arm(azure, 'PUT', path, { location: 'westeurope', properties: {} });
  return `${group}/${path}`;
}

const vmFrom = (imageId: string, nicId: string, more: object = {}) => ({
  location: 'westeurope',
  hardwareProfile: { vmSize: 'Standard_D2s_v5' },
  securityProfile: { securityType: 'TrustedLaunch' },
  storageProfile: {
    imageReference: { id: imageId },
    osDisk: { createOption: 'FromImage', deleteOption: 'Delete' },
  },
  osProfile: { computerName: 'test', adminUsername: 'azureuser' },
  networkProfile: { networkInterfaces: [{ id: nicId, deleteOption: 'Delete' }] },
  ...more,
});

describe('a VM from a gallery version', () => {
  it('boots, reports its agent soon after, and takes along what it is told to when it goes', async () => {
    const { virtualMachines } = computeClient(azure);
    const body = vmFrom(putVersion('1.0.0'), await putNic());
    const vm = await elapse(virtualMachines.createOrUpdate(GROUP, 'test', body));
    expect(vm.provisioningState).toBe('Succeeded');
    expect(vm.storageProfile?.imageReference?.exactVersion).toBe('1.0.0');
    const agent = async () =>
      (await virtualMachines.instanceView(GROUP, 'test')).vmAgent?.statuses?.[0]?.displayStatus;
    await pass(12);
    expect(await agent()).toBe('Ready');
    expect(names('disks')).toHaveLength(6);
    await elapse(virtualMachines.delete(GROUP, 'test'));
    expect(names('disks')).toHaveLength(5);
    expect(
      azure.world.get(`${group}/Microsoft.Network/networkInterfaces/test-nic`),
    ).toBeUndefined();
  });

  it('cannot be had where the version is not Completed', async () => {
    const body = vmFrom(putVersion('1.0.0'), await putNic(), { location: 'northeurope' });
    const attempt = computeClient(azure).virtualMachines.createOrUpdate(GROUP, 'test', body);
    await expect(attempt.submitted()).rejects.toMatchObject({ code: 'GalleryImageNotFound' });
  });

  it('is of the newest version that is not excluded when a definition is named', async () => {
    putVersion('1.0.0');
    putVersion('1.10.0', { excludeFromLatest: true });
    const definition = putVersion('1.2.0').split('/versions/')[0] ?? '';
    const body = vmFrom(definition, await putNic());
    const poller = computeClient(azure).virtualMachines.createOrUpdate(GROUP, 'test', body);
    const vm = await elapse(poller);
    expect(vm.storageProfile?.imageReference?.exactVersion).toBe('1.2.0');
  });

  it('needs the security type and the OS profile that the definition asks for', async () => {
    const { virtualMachines } = computeClient(azure);
    const [image, nic] = [putVersion('1.0.0'), await putNic()];
    const { securityProfile: _, ...standard } = vmFrom(image, nic);
    const { osProfile: __, ...anonymous } = vmFrom(image, nic);
    await expect(
      virtualMachines.createOrUpdate(GROUP, 'test', standard).submitted(),
    ).rejects.toThrow("only supports creation of VMs and VM Scale Sets with 'TrustedLaunch'");
    await expect(
      virtualMachines.createOrUpdate(GROUP, 'test', anonymous).submitted(),
    ).rejects.toMatchObject({ code: 'InvalidParameter' });
  });
});

describe('deleting a VM', () => {
  it('lets go of disks and NIC that are to be detached', async () => {
    await elapse(computeClient(azure).virtualMachines.delete(GROUP, 'build-linux'));
    const disk = azure.world.get(`${group}/Microsoft.Compute/disks/build-linux_OsDisk`);
    expect([disk?.managedBy, disk?.properties.diskState]).toEqual([undefined, 'Unattached']);
    const nic = 'Microsoft.Network/networkInterfaces/build-linux-nic';
    expect((await arm(azure, 'DELETE', nic)).status).toBe(202);
    const gone = await arm(azure, 'DELETE', 'Microsoft.Compute/virtualMachines/build-linux');
    expect(gone.status).toBe(204);
  });

  it('is needed before its NIC can go', async () => {
    const nic = 'Microsoft.Network/networkInterfaces/build-linux-nic';
    expect((await arm(azure, 'DELETE', nic)).body).toMatchObject({ error: { code: 'NicInUse' } });
  });
});

describe('changing a VM', () => {
  const id = 'Microsoft.Compute/virtualMachines/build-linux';

  it('swaps its OS disk and keeps the old one', async () => {
    const { disks, virtualMachines } = computeClient(azure);
    const sourceResourceId = `${group}/Microsoft.Compute/disks/build-linux_OsDisk`;
    const made = await elapse(
      disks.createOrUpdate(GROUP, 'restored', {
        location: 'westeurope',
        creationData: { createOption: 'Copy', sourceResourceId },
      }),
    );
    const osDisk = {
      createOption: 'FromImage',
      name: 'restored',
      managedDisk: { id: made.id ?? '' },
    };
    await elapse(virtualMachines.update(GROUP, 'build-linux', { storageProfile: { osDisk } }));
    expect((await disks.get(GROUP, 'restored')).managedBy).toBe(`${group}/${id}`);
    expect((await disks.get(GROUP, 'build-linux_OsDisk')).diskState).toBe('Unattached');
  });

  it('refuses a change of what cannot change', async () => {
    const storageProfile = { osDisk: { createOption: 'Attach' } };
    const refused = await arm(azure, 'PATCH', id, { properties: { storageProfile } });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      error: { code: 'PropertyChangeNotAllowed', target: 'osDisk.createOption' },
    });
  });

  it.each([
    ['refused', 409],
    ['accepted', 200],
  ] as const)('of a generalized VM may be %s: nobody knows', async (behaviour, status) => {
    azure = createLocalAzure({ unknowns: { patchOfGeneralizedVm: behaviour } });
    await arm(azure, 'POST', `${id}/deallocate`);
    await pass(60);
    expect((await arm(azure, 'POST', `${id}/generalize`)).status).toBe(200);
    expect((await arm(azure, 'PATCH', id, { tags: { a: 'b' } })).status).toBe(status);
  });

  it.each([
    ['refused', 409],
    ['accepted', 202],
  ] as const)('by deallocating it twice once generalized may be %s', async (behaviour, status) => {
    azure = createLocalAzure({ unknowns: { deallocateOfGeneralizedVm: behaviour } });
    await arm(azure, 'POST', `${id}/powerOff`);
    await pass(60);
    expect((await arm(azure, 'POST', `${id}/generalize`)).status).toBe(200);
    expect((await arm(azure, 'POST', `${id}/start`)).status).toBe(409);
    expect((await arm(azure, 'POST', `${id}/deallocate`)).status).toBe(202);
    await pass(60);
    const { body } = await arm(azure, 'GET', `${id}?$expand=instanceView`);
    const statuses = objectsAt(body, 'properties', 'instanceView', 'statuses');
    const codes = statuses.map(({ code }) => code);
    expect(codes).toContain('OSState/generalized');
    expect(codes).toContain('PowerState/deallocated');
    expect((await arm(azure, 'POST', `${id}/deallocate`)).status).toBe(status);
  });

  it.each([
    ['replace', { a: 'b' }],
    ['merge', { a: 'b', purpose: 'image-build' }],
  ] as const)('by PATCH may %s its tags: nobody knows', async (behaviour, tags) => {
    azure = createLocalAzure({ unknowns: { patchOfTags: behaviour } });
    expect((await arm(azure, 'PATCH', id, { tags: { a: 'b' } })).body.tags).toEqual(tags);
  });
});

describe('managed run commands', () => {
  it('are resources that keep what came of them', async () => {
    const { virtualMachineRunCommands: commands } = computeClient(azure);
    const made = await elapse(
      commands.createOrUpdate(GROUP, 'build-linux', 'hello', {
        location: 'westeurope',
        source: { script: 'echo "hello $1"; exit 3' },
        parameters: [{ name: 'who', value: 'you' }],
      }),
    );
    expect(made).toMatchObject({ provisioningState: 'Succeeded', timeoutInSeconds: 0 });
    expect(made.instanceView).toBeUndefined();
    const options = { expand: 'instanceView' };
    const seen = await commands.getByVirtualMachine(GROUP, 'build-linux', 'hello', options);
    expect(seen.instanceView).toMatchObject({
      executionState: 'Failed',
      exitCode: 3,
      output: 'hello you\n',
    });
    await elapse(commands.delete(GROUP, 'build-linux', 'hello'));
    const left = await arm(
      azure,
      'GET',
      'Microsoft.Compute/virtualMachines/build-linux/runCommands',
    );
    expect(left.body.value).toEqual([]);
  });
});

describe('a Windows guest', () => {
  it('is shut down by Sysprep', async () => {
    const script = ['Start-Sleep 30; Sysprep.exe /generalize /oobe /shutdown /mode:vm'];
    const { virtualMachines } = computeClient(azure);
    const answer = await elapse(
      virtualMachines.runCommand(GROUP, 'build-windows', {
        commandId: 'RunPowerShellScript',
        script,
      }),
    );
    expect(answer.value?.map(({ code }) => code)).toEqual([
      'ComponentStatus/StdOut/succeeded',
      'ComponentStatus/StdErr/succeeded',
    ]);
    await pass(300);
    const view = (
      await arm(azure, 'GET', 'Microsoft.Compute/virtualMachines/build-windows/instanceView')
    ).body;
    expect(textAt(view, 'statuses', 1, 'code')).toBe('PowerState/stopped');
  });
});
