/** Microsoft.Compute/disks: create, copy, update, delete, and access to export one. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { withCapitalGroup } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { armError, invalidParameter, operationNotAllowed } from '../errors.ts';
import { isObject, type JsonObject, numberAt, objectAt, textAt } from '../json.ts';
import { findRegion } from '../regions.ts';
import { asResource, type Resource } from '../world.ts';
import { registerAccess } from './disk-access.ts';
import { registerDiskReads, startDiskOperation } from './disk-operations.ts';
import { bytesOf, performanceOf, skuTier } from './disk-performance.ts';
import { createdAt, echo, resolvedEncryption, tagsOf, unfinished } from './disk-shapes.ts';
import { type Origin, originOf, picked, requireSameSource } from './disk-source.ts';
import { requireLocation } from './locations.ts';

const type = 'Microsoft.Compute/disks';

/** Registers the routes of disks. */
export function registerDisks(arm: Arm): void {
  registerDiskReads(arm, type);
  registerAccess(arm, type);
  arm.route('PUT', inGroup(`${type}/{name}`), 'recordings', (request) => write(arm, request));
  arm.route('PATCH', inGroup(`${type}/{name}`), 'recordings', (request) => patch(arm, request));
  arm.route('DELETE', inGroup(`${type}/{name}`), 'recordings', (request) => remove(arm, request));
}

function write(arm: Arm, request: ArmRequest): Reply {
  const { body } = request;
  const existing = arm.world.get(request.id);
  const location = requireLocation(request, existing);
  if (existing !== undefined) requireSameSource(existing, body);
  requireSku(textAt(body, 'sku', 'name'), location);
  const origin = originOf(arm, body, location);
  const requested = numberAt(body, 'properties', 'diskSizeGB');
  requireGrowth(existing, requested);
  const resource = existing ?? asResource({ id: request.id, location });
  const sized = { ...origin, sizeGB: requested ?? origin.sizeGB };
  const final = finished(arm, request, existing, sized);
  const first = echo(resource, request, {
    final,
    isUpdate: existing !== undefined,
    now: arm.now(),
  });
  if (existing === undefined) {
    const { creationData: creation } = origin;
    const image = textAt(creation, 'galleryImageReference', 'id');
    arm.contents.take(request.id, textAt(creation, 'sourceResourceId') ?? image);
    arm.world.put(unfinished(final));
  } else existing.properties = { ...existing.properties, ...objectAt(first, 'properties') };
  return startDiskOperation(arm, request, {
    name: `PUT disks [${origin.kind}]`,
    reply: first,
    final: () => final,
  });
}

/** The disk as it will be once the service has made it. */
function finished(
  arm: Arm,
  request: ArmRequest,
  existing: Resource | undefined,
  origin: Origin,
): Resource {
  const { body } = request;
  const sent = objectAt(body, 'properties');
  const before = existing?.properties ?? {};
  const sku = textAt(body, 'sku', 'name') ?? textAt(existing, 'sku', 'name') ?? 'Standard_LRS';
  const sizeGB = origin.sizeGB ?? numberAt(before, 'diskSizeGB') ?? 32;
  const access = textAt(sent, 'diskAccessId');
  const creation = existing === undefined ? origin.creationData : objectAt(before, 'creationData');
  const isUltra = sku === 'UltraSSD_LRS';
  const performance = performanceOf({
    sku,
    sizeGB,
    tier: textAt(sent, 'tier'),
    isCanary: /euap$/i.test(textAt(existing ?? body, 'location') ?? ''),
    isPlus: creation.performancePlus === true,
    now: arm.now(),
  });
  // What is uploaded tells its size when it is there (recorded).
  const isUpload = (textAt(creation, 'createOption') ?? '').startsWith('Upload');
  const encryption = isObject(sent.encryption) ? sent.encryption : origin.properties.encryption;
  return {
    ...asResource({ id: existing?.id ?? request.id }),
    location: textAt(existing ?? body, 'location'),
    ...(body.extendedLocation === undefined ? {} : { extendedLocation: body.extendedLocation }),
    ...(body.zones === undefined ? {} : { zones: body.zones }),
    ...(body.tags === undefined && existing?.tags !== undefined
      ? { tags: existing.tags }
      : tagsOf(body)),
    ...(existing?.managedBy === undefined ? {} : { managedBy: existing.managedBy }),
    sku: { name: sku, tier: skuTier(sku) },
    properties: {
      ...origin.properties,
      ...sent,
      creationData: isUltra ? { logicalSectorSize: 4096, ...creation } : creation,
      ...(isUpload ? {} : { diskSizeGB: sizeGB }),
      tier: undefined,
      ...performance,
      ...chosen(sku, sent, before),
      ...(sent.burstingEnabled === true
        ? { burstingEnabledTime: before.burstingEnabledTime ?? stamp(arm.now()) }
        : {}),
      encryption: resolvedEncryption(arm.world, objectAt({ encryption }, 'encryption')),
      ...(access === undefined ? {} : { diskAccessId: withCapitalGroup(access) }),
      networkAccessPolicy: textAt(sent, 'networkAccessPolicy') ?? 'AllowAll',
      publicNetworkAccess: textAt(sent, 'publicNetworkAccess') ?? 'Enabled',
      ...createdAt(arm.now()),
      ...(before.timeCreated === undefined ? {} : { timeCreated: before.timeCreated }),
      provisioningState: 'Succeeded',
      diskState: before.diskState ?? stateAtFirst(origin),
      ...(isUpload ? {} : { diskSizeBytes: bytesOf(sizeGB) }),
      uniqueId: before.uniqueId ?? arm.random.uuid(),
    },
  };
}

/** Only Ultra disks and Premium SSD v2 let the customer choose their performance. */
function chosen(sku: string, sent: JsonObject, before: JsonObject): JsonObject {
  if (!/^(PremiumV2|UltraSSD)/.test(sku)) return {};
  const names = [
    'diskIOPSReadWrite',
    'diskMBpsReadWrite',
    'diskIOPSReadOnly',
    'diskMBpsReadOnly',
    'maxShares',
  ];
  return { ...picked(before, names), ...picked(sent, names) };
}

function stateAtFirst(origin: Origin): string {
  return origin.kind.startsWith('Upload') ? 'ReadyToUpload' : 'Unattached';
}

function patch(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined)
    throw armError(404, 'NotFound', `Resource ${request.name} is not found.`);
  requireGrowth(existing, numberAt(request.body, 'properties', 'diskSizeGB'));
  // A DiskUpdate has no zones: they stay.
  const body: JsonObject = {
    ...(existing.zones === undefined ? {} : { zones: existing.zones }),
    ...request.body,
    properties: { ...existing.properties, ...objectAt(request.body, 'properties') },
  };
  const asked = { ...request, body };
  const origin = {
    creationData: {},
    properties: {},
    kind: '',
    sizeGB: numberAt(body, 'properties', 'diskSizeGB'),
  };
  const final = finished(arm, asked, existing, origin);
  const first = echo(existing, request, { final, isUpdate: true, now: arm.now() });
  return startDiskOperation(arm, request, {
    name: 'PATCH disks',
    reply: first,
    final: () => final,
  });
}

function remove(arm: Arm, request: ArmRequest): Reply {
  const disk = arm.world.get(request.id);
  if (disk === undefined) return { status: 204 };
  const owner = textAt(disk, 'managedBy');
  if (owner !== undefined && arm.world.get(owner) !== undefined) {
    // Wording from Azure's portal; the code is inferred.
    throw operationNotAllowed(`Disk ${request.name} is attached to VM ${owner}.`);
  }
  return startDiskOperation(arm, request, { name: 'DELETE disks' });
}

function requireGrowth(existing: Resource | undefined, sizeGB: number | undefined): void {
  const before = numberAt(existing, 'properties', 'diskSizeGB');
  if (before === undefined || sizeGB === undefined || sizeGB >= before) return;
  // Invented wording; the rule is documented (expand-disks).
  throw armError(
    400,
    'BadRequest',
    `Disk size cannot be decreased from ${before} GB to ${sizeGB} GB.`,
  );
}

/** (azure-cli, test_disk_zrs.) */
function requireSku(sku: string | undefined, location: string): void {
  const hasZones = findRegion(location)?.hasZones ?? true;
  if (sku === undefined || hasZones || !sku.endsWith('_ZRS')) return;
  throw invalidParameter(
    `SKU ${sku} is not supported for resource type Disk in this region. Supported SKUs for ` +
      'this region are Premium_LRS,StandardSSD_LRS,Standard_LRS,UltraSSD_LRS',
    'sku',
  );
}
