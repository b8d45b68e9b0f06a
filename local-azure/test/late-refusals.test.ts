/** Refusals that come when the operation ends; each row names its entry of the reference list. */
import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject, textAt } from '../src/json.ts';
import type { ResourceInput } from '../src/world.ts';
import { disk } from '../src/world-parts.ts';
import { Bench, compute, fromMachine, machineId, place, version } from './gallery.ts';
import { expectListed, fromSource, other, published } from './refusals.ts';

const path = version('1.0.0');

interface LateRefusal {
  readonly id: string;
  readonly code: string;
  readonly phrase: string;
  readonly world?: readonly ResourceInput[];
  readonly image?: string;
  readonly body?: JsonObject;
  /** What a fault rule makes of the operation. */
  readonly error?: { readonly code: string; readonly message: string };
}

function snapshotOf(diskSizeGB: number): ResourceInput {
  return { id: compute('snapshots/large'), location: 'westeurope', properties: { diskSizeGB } };
}

const later: readonly LateRefusal[] = [
  {
    id: 'version.hyperv_mismatch',
    code: 'Conflict',
    phrase:
      "has a different Hypervisor generation ['V2'] than the parent gallery image Hypervisor generation ['V1'].",
    world: [other({ hyperVGeneration: 'V1' })],
    image: 'other',
  },
  {
    id: 'version.os_state_mismatch_vm',
    code: 'BadRequest',
    phrase:
      "has a different OS state ['Specialized'] than the parent gallery image OS state ['Generalized'].",
    world: [other({ osState: 'Generalized' })],
    image: 'other',
  },
  {
    id: 'doc.os_state',
    code: 'BadRequest',
    phrase: 'since the OS State in the parent gallery image (',
    world: [
      {
        id: compute('images/managed'),
        location: 'westeurope',
        properties: { storageProfile: { osDisk: { osState: 'Generalized', osType: 'Linux' } } },
      },
    ],
    body: fromSource({ source: { id: compute('images/managed') } }),
  },
  {
    id: 'doc.os_type',
    code: 'Conflict',
    phrase: 'than the parent gallery image OS type generation [',
    world: [other({ osType: 'Windows' })],
    image: 'other',
  },
  {
    id: 'doc.plan',
    code: 'Conflict',
    phrase: "than the parent gallery image plan ['null']",
    world: [
      {
        id: compute('virtualMachines/planned'),
        location: 'westeurope',
        plan: { name: 'a', publisher: 'b', product: 'c' },
      },
    ],
    body: fromSource({ source: { virtualMachineId: compute('virtualMachines/planned') } }),
  },
  {
    id: 'doc.size_2tb',
    code: 'GallerySourceResourceExceedsMaxSize',
    phrase: 'The GalleryImageVersion source resource size 2520 exceeds the max size 2048 supported',
    world: [snapshotOf(2520)],
    body: fromSource({ osDiskImage: { source: { id: compute('snapshots/large') } } }),
  },
  {
    id: 'version.pir_invalid',
    code: 'InvalidBeginGetAccessForGalleryImageVersionSnapshotResponseFromPIR',
    phrase: 'The response from pir.BeginGetAccessForGalleryImageVersionSnapshot is invalid.',
    error: {
      code: 'InvalidBeginGetAccessForGalleryImageVersionSnapshotResponseFromPIR',
      message: 'The response from pir.BeginGetAccessForGalleryImageVersionSnapshot is invalid.',
    },
  },
];

describe('refused when the operation ends, leaving a Failed version', () => {
  it.each(later)('$id', async ({ id, code, phrase, world, image, body, error }) => {
    const bench = new Bench(world);
    if (error !== undefined) {
      bench.azure.faults.add({
        match: { method: 'PUT', path: '**/versions/*' },
        fate: { operation: { status: 'Failed', error } },
      });
    }
    const where = version('1.0.0', image);
    const { first, end } = await bench.settle('PUT', where, body ?? fromMachine());
    expect(first.status).toBe(201);
    expect(end).toMatchObject({ status: 'Failed', error: { code } });
    expect(textAt(end, 'error', 'message')).toContain(phrase);
    expect((await bench.send('GET', where)).body).toMatchObject({
      properties: { provisioningState: 'Failed' },
    });
    expectListed(id, code, phrase);
  });

  it('a data disk of Premium SSD v2 (azure-cli#29091)', async () => {
    const bench = new Bench([
      disk(place, {
        name: 'fast',
        sizeGB: 64,
        sku: 'PremiumV2_LRS',
        uniqueId: 'u',
        managedBy: machineId,
      }),
    ]);
    const machine = bench.azure.world.get(machineId);
    const entry = { lun: 1, managedDisk: { id: compute('disks/fast') } };
    const profile = machine?.properties.storageProfile;
    if (isObject(profile)) profile.dataDisks = [entry];
    const { end } = await bench.settle('PUT', path, fromMachine());
    expect(end).toMatchObject({
      error: {
        code: 'InternalOperationError',
        message:
          "Replication failed in this region due to 'Snapshots of PremiumV2_LRS disks are not supported.'.",
      },
    });
  });
});

describe('where nobody knows', () => {
  const generalized = other({ osState: 'Generalized' });

  it('a wrong OS state may be refused at once', async () => {
    const bench = new Bench([generalized], { unknowns: { osStateMismatch: 'at once' } });
    const answer = await bench.send('PUT', version('1.0.0', 'other'), fromMachine());
    expect([answer.status, textAt(answer.body, 'error', 'code')]).toEqual([400, 'BadRequest']);
    expect((await bench.send('GET', version('1.0.0', 'other'))).status).toBe(404);
  });

  it('a deletion before the end of life may be refused by its operation', async () => {
    const bench = new Bench([], {
      unknowns: { deletionBeforeEndOfLife: 'when the operation ends' },
    });
    const body = published({ endOfLifeDate: '2027-01-01T00:00:00Z' });
    const safetyProfile = { blockDeletionBeforeEndOfLife: true };
    Object.assign(isObject(body.properties) ? body.properties : {}, { safetyProfile });
    await bench.settle('PUT', path, body);
    const { first, end } = await bench.settle('DELETE', path);
    expect([first.status, textAt(end, 'status')]).toEqual([202, 'Failed']);
    expect((await bench.send('GET', path)).status).toBe(200);
  });

  it.each(['refused', 'accepted'] as const)('a snapshot that denies access is %s', async (way) => {
    const denied: ResourceInput = {
      id: compute('snapshots/denied'),
      location: 'westeurope',
      properties: { diskSizeGB: 30, networkAccessPolicy: 'DenyAll' },
    };
    const bench = new Bench([denied], { unknowns: { denyAllSnapshotAsSource: way } });
    const body = fromSource({ osDiskImage: { source: { id: denied.id } } });
    expect((await bench.send('PUT', path, body)).status).toBe(way === 'refused' ? 409 : 201);
  });
});
