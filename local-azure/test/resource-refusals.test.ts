/** Other refusals at once: sources, galleries, definitions, disks; each row names its entry of the reference list. */
import { describe } from 'vitest';
import { isObject, type JsonObject } from '../src/json.ts';
import { asResource } from '../src/world.ts';
import { compute, fromMachine, place, version } from './gallery.ts';
import { fromSource, provokeEach, published, type Refusal } from './refusals.ts';

const path = version('1.0.0');
const snapshots = '2026-03-02';

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

const refusals: readonly Refusal[] = [
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

describe('refused at once', () => provokeEach(refusals));
