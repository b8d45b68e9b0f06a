/** Refusals about VMs and their guests; each row names its entry of the reference list. */
import { describe, expect, it } from 'vitest';
import { type JsonObject, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { definition, gallery, idOf } from '../src/world-parts.ts';
import { Bench, compute, fromMachine, machineId, place, version } from './gallery.ts';
import { expectListed, provokeEach, type Refusal } from './refusals.ts';

const vms = '2026-03-01';
const nic = idOf(place, 'Microsoft.Network/networkInterfaces', 'nic');
const withNic: ResourceInput = { id: nic, location: 'westeurope', properties: {} };

/** A body that makes a VM from an image. */
function machineFrom(imageId: string, more: JsonObject = {}, location = 'westeurope'): JsonObject {
  return {
    location,
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: { imageReference: { id: imageId }, osDisk: { createOption: 'FromImage' } },
      osProfile: { computerName: 'new', adminUsername: 'azureuser' },
      networkProfile: { networkInterfaces: [{ id: nic }] },
      ...more,
    },
  };
}

const put = (body: JsonObject) => (bench: Bench) =>
  bench.send('PUT', 'virtualMachines/new', body, vms);
const patch = (properties: JsonObject) => (bench: Bench) =>
  bench.send('PATCH', machineId, { properties }, vms);

/** A definition with a version of it, and a managed image, of this generation. */
function images(hyperVGeneration: string, osState: 'Generalized' | 'Specialized'): ResourceInput[] {
  const parts = { osType: 'Linux', osState, securityType: 'Standard' } as const;
  const image = definition(place, 'golden', { ...parts, name: 'plain' });
  return [
    withNic,
    gallery(place, 'golden'),
    { ...image, properties: { ...image.properties, hyperVGeneration } },
    {
      id: compute(version('1.0.0', 'plain')),
      location: 'westeurope',
      properties: {
        provisioningState: 'Succeeded',
        publishingProfile: { targetRegions: [{ name: 'West Europe' }] },
      },
    },
    {
      id: compute('images/managed'),
      location: 'westeurope',
      properties: { hyperVGeneration, storageProfile: { osDisk: { osType: 'Linux' } } },
    },
  ];
}

const plain = compute(version('1.0.0', 'plain'));

async function generalized(bench: Bench): Promise<void> {
  await bench.settle('POST', `${machineId}/deallocate`, {}, vms);
  await bench.send('POST', `${machineId}/generalize`, {}, vms);
}

const refusals: readonly Refusal[] = [
  {
    id: 'arm.rg_not_found',
    status: 404,
    code: 'ResourceGroupNotFound',
    phrase: 'could not be found.',
    provoke: (bench) => bench.send('GET', compute('disks').replace('/images/', '/none/')),
  },
  {
    id: 'rp.entity_not_found',
    status: 404,
    code: 'NotFound',
    phrase: 'The entity was not found in this Azure location.',
    world: [
      {
        id: compute('virtualMachines/spot'),
        location: 'westeurope',
        properties: { priority: 'Spot', evictionPolicy: 'Delete' },
      },
    ],
    provoke: async (bench) => {
      const spot = 'virtualMachines/spot';
      await bench.send('POST', `${spot}/simulateEviction`, undefined, vms);
      bench.clock.advance(600);
      return bench.send('GET', spot, undefined, vms);
    },
  },
  {
    id: 'vm.property_change',
    status: 409,
    code: 'PropertyChangeNotAllowed',
    phrase: "Changing property 'priority' is not allowed.",
    provoke: patch({ priority: 'Spot' }),
  },
  {
    id: 'osdisk.createoption',
    status: 409,
    code: 'PropertyChangeNotAllowed',
    phrase: "Changing property 'osDisk.createOption' is not allowed.",
    provoke: patch({ storageProfile: { osDisk: { createOption: 'Attach' } } }),
  },
  {
    id: 'osdisk.name',
    status: 409,
    code: 'PropertyChangeNotAllowed',
    phrase: "Changing property 'osDisk.name' is not allowed.",
    provoke: patch({ storageProfile: { osDisk: { name: 'another' } } }),
  },
  {
    id: 'generalize.running',
    status: 409,
    code: 'OperationNotAllowed',
    phrase: 'since the VM is ru',
    provoke: (bench) => bench.send('POST', `${machineId}/generalize`, {}, vms),
  },
  {
    id: 'vm.start_generalized',
    status: 409,
    code: 'OperationNotAllowed',
    phrase: 'since the VM is generalized.',
    provoke: async (bench) => {
      await generalized(bench);
      return bench.send('POST', `${machineId}/start`, {}, vms);
    },
  },
  {
    id: 'runcommand.in_progress',
    status: 409,
    code: 'Conflict',
    phrase:
      'Run command extension execution is in progress. Please wait for completion before invoking a run command.',
    provoke: async (bench) => {
      const run = { commandId: 'RunShellScript', script: ['true'] };
      await bench.send('POST', `${machineId}/runCommand`, run, vms);
      return bench.send('POST', `${machineId}/runCommand`, run, vms);
    },
  },
  {
    id: 'vm.gallery_image_not_in_region',
    status: 404,
    code: 'GalleryImageNotFound',
    phrase:
      'region. Please contact image owner to replicate to this region, or change your requested region."',
    world: images('V2', 'Generalized'),
    provoke: put(machineFrom(plain, {}, 'northeurope')),
  },
  {
    id: 'vm.from_tl_image',
    status: 400,
    code: 'BadRequest',
    phrase:
      "The provided gallery image only supports creation of VMs and VM Scale Sets with 'TrustedLaunch' security type.",
    world: [withNic],
    provoke: async (bench) => {
      await bench.settle('PUT', version('1.0.0'), fromMachine());
      return put(machineFrom(compute(version('1.0.0'))))(bench);
    },
  },
  {
    id: 'osprofile.not_allowed',
    status: 400,
    code: 'InvalidParameter',
    phrase: "Parameter 'osProfile' is not allowed.",
    world: images('V2', 'Specialized'),
    provoke: put(machineFrom(plain)),
  },
  {
    id: 'doc.osprofile_missing',
    status: 400,
    code: 'InvalidParameter',
    phrase: "Required parameter 'osProfile' is missing (null)",
    world: images('V2', 'Generalized'),
    provoke: put(machineFrom(plain, { osProfile: null })),
  },
  {
    id: 'doc.no_latest',
    status: 404,
    code: 'GalleryImageNotFound',
    phrase: 'There is no latest image version exists for "',
    world: images('V2', 'Generalized').filter(({ id }) => id !== plain),
    provoke: put(machineFrom(plain.replace('/versions/1.0.0', ''))),
  },
  {
    id: 'gen1.uefi',
    status: 400,
    code: 'BadRequest',
    phrase: 'UEFI settings are not supported for VMs and VM Scale Sets using Generation 1 Image.',
    world: images('V1', 'Generalized'),
    provoke: put(
      machineFrom(plain, { securityProfile: { uefiSettings: { secureBootEnabled: true } } }),
    ),
  },
  {
    id: 'vm.size_gen_mismatch',
    status: 400,
    code: 'BadRequest',
    phrase: "cannot boot Hypervisor Generation '1'. If this was a Create operation please check",
    world: images('V1', 'Generalized'),
    provoke: put(machineFrom(plain, { hardwareProfile: { vmSize: 'Standard_D16ads_v6' } })),
  },
  {
    id: 'trustedlaunch.managed_image_vmss',
    status: 400,
    code: 'BadRequest',
    phrase:
      'Managed Images are not supported for virtual machines with security type TrustedLaunch.',
    world: images('V2', 'Generalized'),
    provoke: put(
      machineFrom(compute('images/managed'), {
        securityProfile: { securityType: 'TrustedLaunch' },
      }),
    ),
  },
];

describe('a VM is refused at once', () => provokeEach(refusals));

describe('a price is refused while the VM is allocated', () => {
  it('vm.patch_conflict_details', async () => {
    const spot = {
      id: compute('virtualMachines/spot'),
      location: 'westeurope',
      properties: { priority: 'Spot', billingProfile: { maxPrice: 1 } },
    };
    const bench = new Bench([spot]);
    const properties = { billingProfile: { maxPrice: 2 } };
    const refused = await bench.send('PATCH', spot.id, { properties }, vms);
    const [code, phrase] = ['OperationNotAllowed', 'Please deallocate and try again.'];
    expect([refused.status, textAt(refused.body, 'error', 'details', 0, 'code')]).toEqual([
      409,
      code,
    ]);
    expect(textAt(refused.body, 'error', 'details', 0, 'message')).toContain(phrase);
    expectListed('vm.patch_conflict_details', code, phrase);
    await bench.settle('POST', `${spot.id}/deallocate`, {}, vms);
    expect((await bench.send('PATCH', spot.id, { properties }, vms)).status).toBe(200);
  });
});

describe('Run Command fails when it ends', () => {
  const run = { commandId: 'RunShellScript', script: ['true'] };

  it('after 90 minutes when the script takes its agent away: runcommand.timeout', async () => {
    const guest = {
      run: () => ({
        stdout: '',
        stderr: '',
        exitCode: 0,
        seconds: 1,
        agentKilled: true,
        poweredOff: false,
      }),
      runScheduled: () => ({ seconds: 0, poweredOff: false, agentRunning: true }),
      scheduled: () => [],
      console: () => '',
      restart: () => {},
      [Symbol.dispose]: () => {},
    };
    const bench = new Bench([], { guests: () => guest });
    const { first, end } = await bench.settle('POST', `${machineId}/runCommand`, run, vms);
    expect([first.status, textAt(end, 'status')]).toEqual([202, 'Failed']);
    const took =
      Date.parse(textAt(end, 'endTime') ?? '') - Date.parse(textAt(end, 'startTime') ?? '');
    expect(took / 60_000).toBeCloseTo(90, 0);
    const [code, phrase] = [
      'VMExtensionProvisioningTimeout',
      'Provisioning of VM extension RunCommandLinux has timed out.',
    ];
    expect(end.error).toMatchObject({ code, message: expect.stringContaining(phrase) });
    expectListed('runcommand.timeout', code, phrase);
  });

  it('when no agent answers: vm.agent_not_reporting', async () => {
    const bench = new Bench();
    const machine = bench.azure.world.get(machineId);
    if (machine !== undefined) {
      Object.assign(machine.properties, {
        instanceView: { statuses: [{ code: 'PowerState/running' }], vmAgent: { statuses: [] } },
      });
    }
    const { end } = await bench.settle('POST', `${machineId}/runCommand`, run, vms);
    const [code, phrase] = [
      'VMAgentStatusCommunicationError',
      'has not reported status for VM agent or extensions.',
    ];
    expect(end.error).toMatchObject({ code, message: expect.stringContaining(phrase) });
    expectListed('vm.agent_not_reporting', code, phrase);
  });
});
