/** Microsoft.Compute/images: managed images, from a VM or from single disks and snapshots. */
import { type Arm, type ArmRequest, inGroup, inSubscription, type Reply } from '../arm.ts';
import { withCapitalGroup } from '../arm-id.ts';
import { invalidParameter, operationNotAllowed } from '../errors.ts';
import { at, isObject, type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { pollRegion } from '../regions.ts';
import { hasCapitalImageGroups, imagesKeepSku, knowsEdgeDisks } from '../service-history.ts';
import { getHandler, listHandler } from '../stored.ts';
import { asResource, page, type Resource } from '../world.ts';
import { vhdSizeGB } from './disk-source.ts';
import { requireLocation } from './locations.ts';

const type = 'Microsoft.Compute/images';

/** Registers the routes of managed images (recorded with API versions 2017-12-01 to 2024-07-01). */
export function registerImages(arm: Arm): void {
  arm.route('GET', inGroup(`${type}/{name}`), 'recordings', getHandler(arm));
  for (const pattern of [inGroup(type), inSubscription(type)]) {
    arm.route('GET', pattern, 'recordings', (request) => list(arm, request));
  }
  arm.route('PUT', inGroup(`${type}/{image}`), 'recordings', (request) => write(arm, request));
  arm.route('DELETE', inGroup(`${type}/{image}`), 'recordings', (request) => remove(arm, request));
}

function list(arm: Arm, request: ArmRequest): Reply {
  const reply = listHandler(arm, type)(request) as Reply;
  if (!hasCapitalImageGroups(arm.now(), request.apiVersion)) return reply;
  const images = objectsAt(reply.body, 'value');
  return {
    ...reply,
    body: page(images.map((image) => ({ ...image, id: withCapitalGroup(image.id) }))),
  };
}

function write(arm: Arm, request: ArmRequest): Reply {
  const { body } = request;
  const existing = arm.world.get(request.id);
  const location = requireLocation(request, existing);
  const machineId = textAt(body, 'properties', 'sourceVirtualMachine', 'id');
  const final = machineId === undefined ? fromDisks(arm, body) : fromMachine(arm, body, machineId);
  const image = asResource({
    id: request.id,
    location,
    ...(body.tags === undefined ? {} : { tags: body.tags }),
    ...(body.extendedLocation === undefined ? {} : { extendedLocation: body.extendedLocation }),
    properties: {
      ...(machineId === undefined ? {} : { sourceVirtualMachine: { id: machineId } }),
      storageProfile: existing === undefined ? withoutSizes(final) : final,
      provisioningState: existing === undefined ? 'Creating' : 'Updating',
      ...picked(objectAt(body, 'properties')),
    },
  });
  const first = structuredClone(image);
  const disk = objectAt(final, 'osDisk');
  const source = textAt(disk, 'managedDisk', 'id') ?? textAt(disk, 'snapshot', 'id');
  arm.contents.take(request.id, machineId ?? source);
  arm.world.put(image);
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: pollRegion(location),
    name: 'PUT images',
    resource: request.id,
    onEnd: () => {
      image.properties.storageProfile = final;
      image.properties.provisioningState = 'Succeeded';
      return undefined;
    },
    onFault: () => {
      image.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(existing === undefined ? 201 : 200, first);
}

function picked(sent: JsonObject): JsonObject {
  return sent.hyperVGeneration === undefined ? {} : { hyperVGeneration: sent.hyperVGeneration };
}

/** The sizes of managed disks are known only once the image is made (recorded). */
function withoutSizes(profile: JsonObject): JsonObject {
  const reduced = (disk: JsonObject): JsonObject => {
    const { diskSizeGB: _, ...others } = disk;
    return disk.blobUri === undefined ? others : disk;
  };
  const dataDisks = objectsAt(profile, 'dataDisks').map(reduced);
  return {
    ...profile,
    osDisk: reduced(objectAt(profile, 'osDisk')),
    ...(profile.dataDisks === undefined ? {} : { dataDisks }),
  };
}

/** The VM must be generalized; one with Trusted Launch cannot be imaged at all. */
function fromMachine(arm: Arm, body: JsonObject, machineId: string): JsonObject {
  const machine = arm.world.get(machineId);
  if (machine === undefined) {
    // Wording invented after the gallery's (troubleshooting-shared-images.md).
    throw invalidParameter(`Source was not found: ${machineId}.`, 'sourceVirtualMachine.id');
  }
  const security = textAt(machine, 'properties', 'securityProfile', 'securityType');
  if (security === 'TrustedLaunch' || security === 'ConfidentialVM') {
    // (packer#13189.)
    throw operationNotAllowed(
      `Creation of managed images are not supported for virtual machine with ${security} security type.`,
    );
  }
  requireGeneralized(machine);
  const profile = objectAt(machine, 'properties', 'storageProfile');
  const sent = objectAt(body, 'properties', 'storageProfile');
  return {
    osDisk: { ...imageDisk(arm, objectAt(profile, 'osDisk')), osState: 'Generalized' },
    dataDisks: objectsAt(profile, 'dataDisks').map((disk) => imageDisk(arm, disk)),
    ...(sent.zoneResilient === undefined ? {} : { zoneResilient: sent.zoneResilient }),
  };
}

/** (Wording from Azure's documentation of capture; status and code inferred.) */
function requireGeneralized(machine: Resource): void {
  const statuses = objectsAt(machine, 'properties', 'instanceView', 'statuses');
  if (statuses.some((status) => status.code === 'OSState/generalized')) return;
  throw operationNotAllowed(
    `The Virtual Machine '${machine.id}' is not generalized. Please generalize it before creating an image.`,
  );
}

function imageDisk(arm: Arm, disk: JsonObject): JsonObject {
  const id = textAt(disk, 'managedDisk', 'id');
  const resource = arm.world.get(id ?? '');
  return {
    ...(disk.osType === undefined ? {} : { osType: disk.osType }),
    ...(disk.lun === undefined ? {} : { lun: disk.lun }),
    diskSizeGB:
      numberAt(resource, 'properties', 'diskSizeGB') ?? numberAt(disk, 'diskSizeGB') ?? 30,
    ...(id === undefined ? { blobUri: textAt(disk, 'vhd', 'uri') } : { managedDisk: { id } }),
    caching: textAt(disk, 'caching') ?? 'None',
    storageAccountType:
      (imagesKeepSku(arm.now()) ? textAt(resource, 'sku', 'name') : undefined) ??
      (imagesKeepSku(arm.now()) ? textAt(disk, 'managedDisk', 'storageAccountType') : undefined) ??
      'Standard_LRS',
  };
}

/** Each disk from a disk or snapshot: cached and stored as sent, or not at all and cheaply. */
function fromDisks(arm: Arm, body: JsonObject): JsonObject {
  const sent = objectAt(body, 'properties', 'storageProfile');
  // An edge zone has no standard disks (recorded in test_other_extended_location).
  const isAtEdge = isObject(body.extendedLocation) && knowsEdgeDisks(arm.now());
  const usual = isAtEdge ? 'StandardSSD_LRS' : 'Standard_LRS';
  const complete = (disk: JsonObject): JsonObject => {
    const source = textAt(disk, 'snapshot', 'id') ?? textAt(disk, 'managedDisk', 'id') ?? '';
    const known = at(arm.world.get(source), 'properties', 'diskSizeGB') ?? disk.diskSizeGB;
    // How large a VHD is nothing tells: invented, as of disks.
    const size = known ?? (disk.blobUri === undefined ? undefined : vhdSizeGB);
    return {
      ...disk,
      ...(size === undefined ? {} : { diskSizeGB: size }),
      caching: textAt(disk, 'caching') ?? 'None',
      storageAccountType: textAt(disk, 'storageAccountType') ?? usual,
    };
  };
  if (!isObject(sent.osDisk)) {
    throw invalidParameter("Required parameter 'osDisk' is missing (null).", 'osDisk');
  }
  return {
    ...sent,
    osDisk: complete(sent.osDisk),
    ...(sent.dataDisks === undefined
      ? {}
      : { dataDisks: objectsAt(sent, 'dataDisks').map(complete) }),
  };
}

function remove(arm: Arm, request: ArmRequest): Reply {
  const image = arm.world.get(request.id);
  if (image === undefined) return { status: 204 };
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: pollRegion(textAt(image, 'location') ?? ''),
    name: 'DELETE images',
    resource: request.id,
    onEnd: () => {
      arm.world.delete(request.id);
      return undefined;
    },
  });
  return operation.reply(202, undefined, { location: true });
}
