/** What the VM service makes of a VM as it was sent; sources are beside the code. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectAt, objectsAt, textAt } from '../src/json.ts';
import { asResource } from '../src/world.ts';
import { Bench, compute } from './gallery.ts';

const api = '2024-07-01';
const vm = 'virtualMachines/made';
const ppg = compute('proximityPlacementGroups/near');
const nicId = compute('').replace('Microsoft.Compute/', 'Microsoft.Network/networkInterfaces/nic');

const ubuntu = {
  publisher: 'Canonical',
  offer: 'ubuntu-24_04-lts',
  sku: 'server',
  version: 'latest',
};

function body(more: JsonObject = {}, profile: JsonObject = {}): JsonObject {
  return {
    location: 'westeurope',
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: {
        imageReference: ubuntu,
        osDisk: { createOption: 'fromImage', caching: 'readonly' },
        dataDisks: [{ lun: 0, createOption: 'empty', diskSizeGB: 16 }],
        ...profile,
      },
      osProfile: { computerName: 'made', adminUsername: 'builder' },
      networkProfile: { networkInterfaces: [{ id: nicId }] },
      ...more,
    },
  };
}

const nic = asResource({ id: nicId, location: 'westeurope', properties: {} });
const bench = (options = {}) => new Bench([nic], options);
const entry = (shown: JsonObject) => objectAt(shown, 'properties', 'storageProfile', 'osDisk');
const dataDisks = (shown: JsonObject) =>
  objectsAt(shown, 'properties', 'storageProfile', 'dataDisks');

const third = { lun: 3, diskSizeGB: 70, caching: 'ReadOnly' };

describe('a VM that is being made', () => {
  it('answers first without the names and IDs of disks that are not there yet', async () => {
    const it = bench();
    const first = await it.send('PUT', vm, body(), api);
    expect(first.status).toBe(201);
    expect(entry(first.body)).toEqual({
      osType: 'Linux',
      createOption: 'FromImage',
      caching: 'ReadOnly',
      deleteOption: 'Detach',
      diskSizeGB: 30,
      managedDisk: { storageAccountType: 'Premium_LRS' },
    });
    expect(dataDisks(first.body)).toEqual([
      {
        lun: 0,
        createOption: 'Empty',
        caching: 'None',
        diskSizeGB: 16,
        deleteOption: 'Detach',
        toBeDetached: false,
        managedDisk: { storageAccountType: 'Premium_LRS' },
      },
    ]);
    it.clock.advance(120);
    const { body: made } = await it.send('GET', `${vm}?$expand=instanceView`, undefined, api);
    expect(entry(made).name).toMatch(/^made_OsDisk_1_[0-9a-f]{32}$/);
    const views = objectsAt(made, 'properties', 'instanceView', 'disks');
    expect(views.map(({ name }) => name)).toEqual([
      entry(made).name,
      ...dataDisks(made).map(({ name }) => name),
    ]);
  });

  it('gets the defaults of its OS profile', async () => {
    const it = bench();
    const profile = (answer: { body: JsonObject }) =>
      objectAt(answer.body, 'properties', 'osProfile');
    const { body: linux } = await it.send('PUT', vm, body(), api);
    expect(profile({ body: linux }).linuxConfiguration).toEqual({
      disablePasswordAuthentication: false,
      provisionVMAgent: true,
      patchSettings: { patchMode: 'ImageDefault', assessmentMode: 'ImageDefault' },
    });
    const windows = { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022' };
    const sent = body({}, { imageReference: windows });
    const made = await it.send('PUT', 'virtualMachines/win', sent, api);
    expect(profile(made).windowsConfiguration).toEqual({
      enableAutomaticUpdates: true,
      provisionVMAgent: true,
      patchSettings: { patchMode: 'AutomaticByOS', assessmentMode: 'ImageDefault' },
    });
  });

  it('spells what it refers to in its own way', async () => {
    const availabilitySet = { id: compute('availabilitySets/spread') };
    const { body: made } = await bench().send(
      'PUT',
      vm,
      body({ proximityPlacementGroup: { id: ppg }, availabilitySet }),
      api,
    );
    const at = (name: string) => textAt(made, 'properties', name, 'id');
    expect(at('proximityPlacementGroup')).toBe(ppg.replace('/images/', '/IMAGES/'));
    expect(at('availabilitySet')).toBe(compute('availabilitySets/SPREAD'));
  });

  it.each([
    ['left out', []],
    ['named', [{ ...third, createOption: 'fromImage', managedDisk: { storageAccountType: null } }]],
    [
      'with a SKU',
      [
        {
          ...third,
          createOption: 'fromImage',
          managedDisk: { storageAccountType: 'standard_lrs' },
        },
      ],
    ],
  ])('brings the disks of a managed image and their SKUs, data disks %s', async (_, sent) => {
    const cheap = { storageAccountType: 'Standard_LRS' };
    const image = asResource({
      id: compute('images/two'),
      location: 'westeurope',
      properties: {
        provisioningState: 'Succeeded',
        storageProfile: {
          osDisk: { osType: 'Linux', osState: 'Generalized', diskSizeGB: 40, ...cheap },
          dataDisks: [{ ...third, ...cheap }],
        },
      },
    });
    const it = new Bench([nic, image]);
    const reference = { imageReference: { id: image.id }, dataDisks: sent };
    await it.settle('PUT', vm, body({}, reference), api);
    const { body: made } = await it.send('GET', vm, undefined, api);
    expect(entry(made)).toMatchObject({ diskSizeGB: 40, managedDisk: cheap });
    expect(entry(made).name).toMatch(/^made_disk1_/);
    expect(dataDisks(made)).toMatchObject([
      { ...third, createOption: 'FromImage', managedDisk: cheap },
    ]);
  });

  it('stays as it is when it is sent again with null for the name of its disk', async () => {
    const it = bench();
    const osDisk = { createOption: 'fromImage', name: null, managedDisk: null };
    await it.settle('PUT', vm, body({}, { osDisk }), api);
    const name = entry((await it.send('GET', vm, undefined, api)).body).name;
    expect((await it.send('PUT', vm, body({}, { osDisk }), api)).status).toBe(200);
    expect(entry((await it.send('GET', vm, undefined, api)).body).name).toBe(name);
  });

  it('makes disks that tell of the marketplace image and lie in its zone', async () => {
    const it = bench();
    await it.settle('PUT', vm, { ...body(), zones: ['2'] }, api);
    const { body: made } = await it.send('GET', vm, undefined, api);
    const id = textAt(entry(made), 'managedDisk', 'id') ?? '';
    const { body: disk } = await it.send('GET', id, undefined, '2024-03-02');
    expect(disk.zones).toEqual(['2']);
    expect(textAt(disk, 'properties', 'creationData', 'imageReference', 'id')).toMatch(
      /\/Locations\/westeurope\/Publishers\/Canonical\/ArtifactTypes\/VMImage\/Offers\/ubuntu-24_04-lts\//,
    );
  });

  it('has a command wait for an agent that is still coming up', async () => {
    const it = bench();
    await it.settle('PUT', vm, body(), api);
    await it.settle('POST', `${vm}/restart`, undefined, api);
    const machine = it.azure.world.get(compute(vm));
    const statuses = objectsAt(machine, 'properties', 'instanceView', 'vmAgent', 'statuses');
    for (const status of statuses) status.displayStatus = 'Not Ready';
    const script = { commandId: 'RunShellScript', script: ['echo up'] };
    const first = await it.send('POST', `${vm}/runCommand`, script, api);
    expect(await it.poll(first)).toMatchObject({ status: 'InProgress' });
    it.clock.advance(120);
    const output = { value: [{ message: expect.stringContaining('up') }] };
    expect(await it.poll(first)).toMatchObject({ status: 'Succeeded', properties: { output } });
  });
});

describe('a VM that is updated', () => {
  it('says so in its instance view, and lists a disk once it is attached', async () => {
    const it = bench();
    await it.settle('PUT', vm, body(), api);
    const added = [
      { lun: 0, createOption: 'Empty', diskSizeGB: 16 },
      { lun: 5, createOption: 'Empty', diskSizeGB: 8 },
    ];
    const patch = { properties: { storageProfile: { dataDisks: added } } };
    await it.send('PATCH', vm, patch, api);
    const view = async () => (await it.send('GET', `${vm}/instanceView`, undefined, api)).body;
    const { body: during } = await it.send('GET', `${vm}?$expand=instanceView`, undefined, api);
    expect(objectsAt(during, 'properties', 'instanceView', 'statuses')[0]).toEqual({
      code: 'ProvisioningState/updating',
      level: 'Info',
      displayStatus: 'Updating',
    });
    it.clock.advance(120);
    expect(objectsAt(await view(), 'disks')).toHaveLength(3);
    const gone = { properties: { storageProfile: { dataDisks: [] } } };
    const { body: leaving } = await it.send('PATCH', vm, gone, api);
    expect(dataDisks(leaving).map(({ toBeDetached }) => toBeDetached)).toEqual([true, true]);
    it.clock.advance(120);
    expect(objectsAt(await view(), 'disks')).toHaveLength(1);
  });

  it.each([
    ['priority', { priority: 'Spot' }, 'PropertyChangeNotAllowed'],
    ['proximity placement group', { proximityPlacementGroup: { id: ppg } }, 'OperationNotAllowed'],
    ['price', { billingProfile: { maxPrice: 2 } }, 'OperationNotAllowed'],
  ])('keeps its %s while it is allocated', async (_, properties, code) => {
    const it = bench();
    await it.settle('PUT', vm, body(), api);
    const refused = await it.send('PATCH', vm, { properties }, api);
    expect([refused.status, textAt(refused.body, 'error', 'code')]).toEqual([409, code]);
  });

  it('takes gallery applications and the proxy agent as the service completes them', async () => {
    const it = bench();
    await it.settle('PUT', vm, body(), api);
    const packageReferenceId = compute('galleries/g/applications/a/versions/1.0.0');
    const properties = {
      applicationProfile: { galleryApplications: [{ packageReferenceId }] },
      securityProfile: { proxyAgentSettings: { enabled: true, mode: 'Audit' } },
    };
    const { body: shown } = await it.send('PATCH', vm, { properties }, api);
    expect(shown.properties).toMatchObject({
      applicationProfile: {
        galleryApplications: [
          { packageReferenceId, manuallyManaged: false, enableAutomaticUpgrade: false },
        ],
      },
      securityProfile: { proxyAgentSettings: { enabled: true, wireServer: { mode: 'Audit' } } },
    });
  });

  it('spells its OS disk in capitals once it has been allocated anew', async () => {
    const it = bench();
    await it.settle('PUT', vm, body(), api);
    const diskId = async () =>
      textAt(entry((await it.send('GET', vm, undefined, api)).body), 'managedDisk', 'id');
    expect(await diskId()).toContain('/resourceGroups/images/');
    await it.settle('POST', `${vm}/deallocate`, undefined, api);
    expect(await diskId()).toContain('/resourceGroups/images/');
    await it.settle('POST', `${vm}/start`, undefined, api);
    expect(await diskId()).toContain('/resourceGroups/IMAGES/');
  });
});

describe('a managed run command', () => {
  it('without a script fails in the words of the agent', async () => {
    const it = bench();
    await it.settle('PUT', vm, body(), api);
    const command = `${vm}/runCommands/empty`;
    await it.settle('PUT', command, { location: 'westeurope', properties: { source: {} } }, api);
    const { body: shown } = await it.send('GET', `${command}?$expand=instanceView`, undefined, api);
    expect(shown.properties).toMatchObject({
      provisioningState: 'Succeeded',
      instanceView: {
        executionState: 'Failed',
        executionMessage: expect.stringContaining("Either 'source.script' or 'source.scriptUri'"),
      },
    });
  });
});

describe('disks that cannot be told apart', () => {
  const two = (...entries: JsonObject[]) =>
    body(
      {},
      { dataDisks: entries.map((each) => ({ createOption: 'Empty', diskSizeGB: 8, ...each })) },
    );

  it.each([
    [
      'names',
      [
        { lun: 0, name: 'data' },
        { lun: 1, name: 'Data' },
      ],
    ],
    ['LUNs', [{ lun: 3 }, { lun: 3 }]],
  ])('by their %s are refused', async (_, entries) => {
    const it = bench();
    const refused = await it.send('PUT', vm, two(...entries), api);
    expect([refused.status, textAt(refused.body, 'error', 'code')]).toEqual([
      400,
      'InvalidParameter',
    ]);
    expect((await it.send('GET', vm, undefined, api)).status).toBe(404);
    await it.settle('PUT', vm, two({ lun: 0, name: 'data' }), api);
    const update = await it.send('PUT', vm, two({ lun: 0, name: 'data' }, ...entries), api);
    expect(textAt(update.body, 'error', 'code')).toBe('InvalidParameter');
  });
});
