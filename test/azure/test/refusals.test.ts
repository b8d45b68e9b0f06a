/**
 * Refusals of the gallery, disk, snapshot and image services. Each row names its entry of the
 * shared errors.json; where that file is at hand, code and wording are checked against it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { asResource, type ResourceInput } from '../world.ts';
import { definition, disk } from '../world-parts.ts';
import { type Answer, Bench, compute, fromMachine, machineId, place, version } from './gallery.ts';

interface Refusal {
  /** ID in errors.json. */
  readonly id: string;
  readonly status: number;
  readonly code: string;
  /** A part of Azure's text that has no name in it. */
  readonly phrase: string;
  readonly world?: readonly ResourceInput[];
  readonly provoke: (bench: Bench) => Promise<Answer>;
}

const path = version('1.0.0');
const snapshots = '2026-03-02';

/** `fromMachine` with other properties of the publishing profile. */
function published(profile: JsonObject): JsonObject {
  const body = fromMachine();
  const { storageProfile } = isObject(body.properties) ? body.properties : {};
  return { ...body, properties: { publishingProfile: profile, storageProfile } };
}

function fromSource(storageProfile: JsonObject): JsonObject {
  return {
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions: [{ name: 'westeurope' }] },
      storageProfile,
    },
  };
}

/** A snapshot in another region. */
const elsewhere = asResource({
  id: compute('snapshots/elsewhere'),
  location: 'northeurope',
  properties: { diskSizeGB: 30 },
});

const sourceOf = (sourceResourceId: string): JsonObject => ({
  location: 'westeurope',
  properties: { creationData: { createOption: 'Copy', sourceResourceId } },
});

const atOnce: readonly Refusal[] = [
  {
    id: 'version.regions_must_contain_location',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'must contain the location of image version',
    provoke: (bench) => bench.send('PUT', path, fromMachine('northeurope')),
  },
  {
    id: 'version.one_source_only',
    status: 400,
    code: 'InvalidParameter',
    phrase:
      'One and only one source type (user image, snapshot, disk, virtual machine) can be provided.',
    provoke: (bench) =>
      bench.send(
        'PUT',
        path,
        fromSource({ source: { id: machineId, virtualMachineId: machineId } }),
      ),
  },
  {
    id: 'version.eol_in_past',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'EndOfLifeDate must be set to a future date.',
    provoke: (bench) =>
      bench.send('PUT', path, published({ endOfLifeDate: '2026-03-01T00:00:00Z' })),
  },
  {
    id: 'version.securitytype_source',
    status: 400,
    code: 'InvalidParameter',
    phrase:
      'Currently only Vhd Blob, User Image and Gallery Image Version sources are supported for',
    world: [
      definition(place, 'golden', {
        name: 'supported',
        osType: 'Linux',
        osState: 'Specialized',
        securityType: 'TrustedLaunchSupported',
      }),
    ],
    provoke: (bench) => bench.send('PUT', version('1.0.0', 'supported'), fromMachine()),
  },
  {
    id: 'version.source_immutable',
    status: 409,
    code: 'PropertyChangeNotAllowed',
    phrase: 'is not allowed.',
    provoke: async (bench) => {
      await bench.settle('PUT', path, fromMachine());
      return bench.send('PUT', path, fromSource({ source: { id: compute('images/other') } }));
    },
  },
  {
    id: 'version.incomplete_regions',
    status: 400,
    code: 'BadRequest',
    phrase: 'Deletion of previously replicated locations is not allowed',
    provoke: async (bench) => {
      await bench.settle('PUT', path, fromMachine('westeurope', 'northeurope'));
      bench.clock.advance(900);
      return bench.send('PUT', path, published({ targetRegions: [{ name: 'westeurope' }] }));
    },
  },
  {
    id: 'doc.version_name',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'The image version name is invalid.',
    provoke: (bench) => bench.send('PUT', version('1.0'), fromMachine()),
  },
  {
    id: 'doc.dup_regions',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'Duplicate regions are not allowed in target publishing regions',
    provoke: (bench) => bench.send('PUT', path, fromMachine('westeurope', 'West Europe')),
  },
  {
    id: 'doc.region_not_available',
    status: 400,
    code: 'LocationNotAvailableForResourceType',
    phrase: "is not available for resource type 'Microsoft.Compute/galleries'",
    provoke: (bench) => bench.send('PUT', path, fromMachine('westeurope', 'atlantis')),
  },
  {
    id: 'doc.replica_range',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'is out of range. The value must be between',
    provoke: (bench) => bench.send('PUT', path, published({ replicaCount: 101 })),
  },
  {
    id: 'doc.zrs',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'ZRS storage account type is not supported in this region.',
    provoke: (bench) => {
      const targetRegions = [{ name: 'westeurope' }, { name: 'westus' }];
      return bench.send(
        'PUT',
        path,
        published({ targetRegions, storageAccountType: 'Standard_ZRS' }),
      );
    },
  },
  {
    id: 'version.storage_type_mismatch',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'Global storage account type does not match the storage account type in the existing',
    provoke: async (bench) => {
      const own = [{ name: 'westeurope', storageAccountType: 'Premium_LRS' }];
      await bench.settle('PUT', path, published({ targetRegions: own }));
      return bench.send('PUT', path, published({ targetRegions: [{ name: 'westeurope' }] }));
    },
  },
  {
    id: 'doc.source_missing',
    status: 404,
    code: 'NotFound',
    phrase: 'Please make sure the source exists',
    provoke: (bench) =>
      bench.send('PUT', path, fromSource({ source: { id: compute('images/none') } })),
  },
  {
    id: 'doc.source_not_found',
    status: 404,
    code: 'NotFound',
    phrase: 'is in the same region as gallery image version being created',
    world: [elsewhere],
    provoke: (bench) =>
      bench.send('PUT', path, fromSource({ osDiskImage: { source: { id: elsewhere.id } } })),
  },
  {
    id: 'doc.source_kind',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'must either be a managed image, virtual machine or another gallery image version',
    provoke: (bench) =>
      bench.send('PUT', path, fromSource({ source: { id: compute('disks/build_OsDisk') } })),
  },
  {
    id: 'doc.ephemeral',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'cannot contain an ephemeral OS disk',
    world: [
      {
        id: compute('virtualMachines/ephemeral'),
        location: 'westeurope',
        properties: { storageProfile: { osDisk: { diffDiskSettings: { option: 'Local' } } } },
      },
    ],
    provoke: (bench) => {
      const virtualMachineId = compute('virtualMachines/ephemeral');
      return bench.send('PUT', path, fromSource({ source: { virtualMachineId } }));
    },
  },
  {
    id: 'doc.marked_for_deletion',
    status: 409,
    code: 'OperationNotAllowed',
    phrase: 'You can only retry the Delete operation (or wait for an ongoing one to complete)',
    provoke: async (bench) => {
      await bench.settle('PUT', path, fromMachine());
      await bench.send('DELETE', path);
      return bench.send('PUT', path, fromMachine());
    },
  },
  {
    id: 'doc.block_delete_before_eol',
    status: 409,
    code: 'DeleteGalleryImageVersionBlockedBeforeEndOfLife',
    phrase: 'Deletion of Gallery image version is not allowed because the image is enabled for',
    provoke: async (bench) => {
      const body = published({ endOfLifeDate: '2027-01-01T00:00:00Z' });
      const safetyProfile = { blockDeletionBeforeEndOfLife: true };
      Object.assign(isObject(body.properties) ? body.properties : {}, { safetyProfile });
      await bench.settle('PUT', path, body);
      return bench.send('DELETE', path);
    },
  },
  {
    id: 'doc.already_exists_other_region',
    status: 409,
    code: 'InvalidResourceLocation',
    phrase: 'Please select a new resource name.',
    provoke: (bench) => bench.send('PUT', 'galleries/golden', { location: 'northeurope' }),
  },
  {
    id: 'compute.concurrent',
    status: 409,
    code: 'Conflict',
    phrase: 'The request failed due to conflict with a concurrent request.',
    provoke: async (bench) => {
      await bench.send('PUT', path, fromMachine());
      return bench.send('PUT', path, fromMachine());
    },
  },
  {
    id: 'parent.not_found',
    status: 404,
    code: 'ParentResourceNotFound',
    phrase: 'Can not perform requested operation on nested resource. Parent resource',
    provoke: (bench) => bench.send('PUT', version('1.0.0', 'none'), fromMachine()),
  },
  {
    id: 'nested.delete_blocked',
    status: 409,
    code: 'CannotDeleteResource',
    phrase: 'Please delete all nested resources before deleting this resource.',
    provoke: (bench) => bench.send('DELETE', 'galleries/golden'),
  },
  {
    id: 'gallery.name_not_unique',
    status: 409,
    code: 'OperationNotAllowed',
    phrase: 'Please pick another gallery name.',
    world: [{ id: `/subscriptions/${place.subscriptionId}/resourceGroups/other` }],
    provoke: (bench) => {
      const other = compute('galleries/golden').replace('/images/', '/other/');
      return bench.send('PUT', other, { location: 'westeurope' });
    },
  },
  {
    id: 'gallery.permissions_put',
    status: 400,
    code: 'InvalidParameter',
    phrase: 'Permissions can only be changed by a POST ShareGallery call.',
    provoke: (bench) => {
      const properties = { sharingProfile: { permissions: 'Groups' } };
      return bench.send('PUT', 'galleries/golden', { location: 'westeurope', properties });
    },
  },
  {
    id: 'imagedef.immutable',
    status: 409,
    code: 'PropertyChangeNotAllowed',
    phrase: "Changing property 'galleryImage.properties.eula' is not allowed.",
    provoke: (bench) =>
      bench.send('PATCH', 'galleries/golden/images/ubuntu', { properties: { eula: 'new' } }),
  },
  {
    id: 'arm.resource_not_found',
    status: 404,
    code: 'ResourceNotFound',
    phrase: 'was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix',
    provoke: (bench) => bench.send('GET', path),
  },
  {
    id: 'snapshot.source_not_found',
    status: 404,
    code: 'NotFound',
    phrase: 'is not found.',
    provoke: (bench) =>
      bench.send('PUT', 'snapshots/s', sourceOf(compute('disks/none')), snapshots),
  },
  {
    id: 'snapshot.source_immutable',
    status: 400,
    code: 'BadRequest',
    phrase: "Changing property 'sourceResourceId' is not allowed for existing disk",
    provoke: async (bench) => {
      await bench.settle('PUT', 'snapshots/s', sourceOf(compute('disks/build_OsDisk')), snapshots);
      return bench.send('PUT', 'snapshots/s', sourceOf(compute('disks/build_Data')), snapshots);
    },
  },
  {
    id: 'disk.sku',
    status: 400,
    code: 'InvalidParameter',
    phrase:
      'is not supported for resource type Disk in this region. Supported SKUs for this region are',
    provoke: (bench) => {
      const properties = { creationData: { createOption: 'Empty' }, diskSizeGB: 4 };
      const sku = { name: 'StandardSSD_ZRS' };
      return bench.send('PUT', 'disks/d', { location: 'westus', sku, properties }, snapshots);
    },
  },
  {
    id: 'image.from_tl_vm',
    status: 409,
    code: 'OperationNotAllowed',
    phrase: 'Creation of managed images are not supported for virtual machine with TrustedLaunch',
    world: [
      {
        id: compute('virtualMachines/trusted'),
        properties: { securityProfile: { securityType: 'TrustedLaunch' } },
      },
    ],
    provoke: (bench) => {
      const sourceVirtualMachine = { id: compute('virtualMachines/trusted') };
      const body = { location: 'westeurope', properties: { sourceVirtualMachine } };
      return bench.send('PUT', 'images/i', body, '2024-07-01');
    },
  },
];

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

const linux = { osType: 'Linux', securityType: 'Standard' } as const;

/** The definition `other` with some properties changed. */
function other(properties: JsonObject): ResourceInput {
  const made = definition(place, 'golden', { ...linux, name: 'other', osState: 'Specialized' });
  return { ...made, properties: { ...made.properties, ...properties } };
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

const errorsFile = new URL('../../../../shared/traffic/errors.json', import.meta.url);

/** What the shared list says of an entry, when it is at hand. */
function listed(id: string): { code: string | null; message: string } | undefined {
  if (!existsSync(errorsFile)) return undefined;
  const all = JSON.parse(readFileSync(errorsFile, 'utf8')) as {
    id: string;
    code: string;
    message: string;
  }[];
  const entry = all.find((each) => each.id === id);
  if (entry === undefined) throw new Error(`errors.json has no entry ${id}`);
  return entry;
}

function expectListed(id: string, code: string, phrase: string): void {
  const entry = listed(id);
  if (entry === undefined) return;
  expect(entry.message).toContain(phrase);
  if (entry.code !== null) expect(entry.code).toBe(code);
}

describe('refused at once', () => {
  it.each(atOnce)('$id', async ({ id, status, code, phrase, world, provoke }) => {
    const answer = await provoke(new Bench(world));
    expect([answer.status, textAt(answer.body, 'error', 'code')]).toEqual([status, code]);
    expect(textAt(answer.body, 'error', 'message')).toContain(phrase);
    expectListed(id, code, phrase);
  });
});

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
