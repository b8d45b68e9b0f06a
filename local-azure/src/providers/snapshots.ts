/** Microsoft.Compute/snapshots: full and incremental, copies across regions, access, delete. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { withCapitalGroup } from '../arm-id.ts';
import { armError, invalidParameter, operationNotAllowed } from '../errors.ts';
import { isObject, type JsonObject, numberAt, objectAt, textAt } from '../json.ts';
import { asResource, type Resource } from '../world.ts';
import { registerAccess } from './disk-access.ts';
import { registerDiskReads, startDiskOperation } from './disk-operations.ts';
import { bytesOf, skuTier } from './disk-performance.ts';
import { createdAt, echo, resolvedEncryption, tagsOf, unfinished } from './disk-shapes.ts';
import {
  isHydratedLater,
  type Origin,
  originOf,
  requireSameSource,
  requireSnapshotKind,
} from './disk-source.ts';
import { requireLocation } from './locations.ts';

const type = 'Microsoft.Compute/snapshots';

/** Seconds until the copy that CopyStart began has arrived; invented, nothing recorded lasts so long. */
const backgroundCopySeconds = 600;

/** How that copy is called where a test says how long things take. */
export const backgroundCopy = 'COPY snapshots';

/** Registers the routes of snapshots. */
export function registerSnapshots(arm: Arm): void {
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
  requireSnapshotSku(textAt(body, 'sku', 'name'));
  if (existing !== undefined) requireSameSource(existing, body);
  const origin = originOf(arm, body, location);
  requireSnapshotKind(arm, body);
  requireIncrementalCopy(body);
  if (existing === undefined) {
    requireNoWriteAccelerator(arm, body);
    requireFewSnapshots(arm, body);
  }
  const resource = existing ?? asResource({ id: request.id, location });
  const final = finished(arm, request, existing, origin);
  const first = echo(resource, request, {
    final,
    isUpdate: existing !== undefined,
    now: arm.now(),
  });
  if (existing === undefined) {
    arm.contents.take(request.id, textAt(origin.creationData, 'sourceResourceId'));
    arm.world.put(unfinished(final));
  }
  if (existing !== undefined)
    existing.properties = { ...existing.properties, ...objectAt(first, 'properties') };
  return startDiskOperation(arm, request, {
    name: `PUT snapshots [${origin.kind.replace(/; from .*/, '')}]`,
    reply: first,
    final: () => {
      const isLater = isCopyStart(body) || isHydratedLater(arm, body);
      if (existing === undefined && isLater) beginBackgroundCopy(arm, final);
      return final;
    },
    tellsProgress: !isCopyStart(body),
  });
}

/**
 * No snapshot of an OS disk with Write Accelerator (how-to-enable-write-accelerator.md; code and
 * wording invented).
 */
function requireNoWriteAccelerator(arm: Arm, body: JsonObject): void {
  const id = textAt(body, 'properties', 'creationData', 'sourceResourceId');
  const holder = textAt(id && arm.world.get(id), 'managedBy');
  const os = objectAt(holder && arm.world.get(holder), 'properties', 'storageProfile', 'osDisk');
  const isOs = textAt(os, 'managedDisk', 'id')?.toLowerCase() === id?.toLowerCase();
  if (isOs && os.writeAcceleratorEnabled === true)
    throw operationNotAllowed('A snapshot of an OS disk with Write Accelerator is not supported.');
}

/**
 * 500 incremental snapshots a disk, seven of them in five minutes (disks-incremental-snapshots.md;
 * code and wording invented).
 */
function requireFewSnapshots(arm: Arm, body: JsonObject): void {
  const { incremental, creationData } = objectAt(body, 'properties');
  const sourceOf = (data: JsonObject) => textAt(data, 'sourceResourceId')?.toLowerCase();
  const source = sourceOf(objectAt({ creationData }, 'creationData'));
  if (incremental !== true || source === undefined) return;
  const others = arm.world.all().filter((each) => {
    const isSnapshot = each.type.toLowerCase() === type.toLowerCase();
    const isIncremental = each.properties.incremental === true;
    return (
      isSnapshot &&
      isIncremental &&
      sourceOf(objectAt(each, 'properties', 'creationData')) === source
    );
  });
  const recent = others.filter(
    (each) => arm.now() - Date.parse(textAt(each, 'properties', 'timeCreated') ?? '') < 5 * 60_000,
  );
  if (others.length < 500 && recent.length < 7) return;
  const limit =
    others.length < 500 ? '7 incremental snapshots in 5 minutes' : '500 incremental snapshots';
  throw operationNotAllowed(`A disk can have ${limit}.`);
}

/** The snapshot as it will be once the service has made it. */
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
  const sizeGB =
    numberAt(sent, 'diskSizeGB') ?? origin.sizeGB ?? numberAt(before, 'diskSizeGB') ?? 32;
  const incremental = sent.incremental ?? before.incremental ?? false;
  const family = before.incrementalSnapshotFamilyId ?? arm.random.uuid();
  const access = textAt(sent, 'diskAccessId');
  const encryption = isObject(sent.encryption) ? sent.encryption : origin.properties.encryption;
  return {
    ...asResource({ id: existing?.id ?? request.id }),
    location: textAt(existing ?? body, 'location'),
    ...(body.extendedLocation === undefined ? {} : { extendedLocation: body.extendedLocation }),
    ...(body.tags === undefined && existing?.tags !== undefined
      ? { tags: existing.tags }
      : tagsOf(body)),
    sku: { name: sku, tier: skuTier(sku) },
    properties: {
      ...origin.properties,
      ...sent,
      creationData: existing === undefined ? origin.creationData : before.creationData,
      diskSizeGB: sizeGB,
      encryption: resolvedEncryption(arm.world, objectAt({ encryption }, 'encryption')),
      incremental,
      ...(access === undefined ? {} : { diskAccessId: withCapitalGroup(access) }),
      networkAccessPolicy: textAt(sent, 'networkAccessPolicy') ?? 'AllowAll',
      publicNetworkAccess: textAt(sent, 'publicNetworkAccess') ?? 'Enabled',
      ...createdAt(arm.now()),
      ...(before.timeCreated === undefined ? {} : { timeCreated: before.timeCreated }),
      provisioningState: 'Succeeded',
      diskState: 'Unattached',
      diskSizeBytes: numberAt(before, 'diskSizeBytes') ?? bytesOf(sizeGB),
      uniqueId: before.uniqueId ?? arm.random.uuid(),
      ...(incremental === true ? { incrementalSnapshotFamilyId: family } : {}),
    },
  };
}

/** `Succeeded` at once with `completionPercent` 0; the copy goes on afterwards (recorded). */
function beginBackgroundCopy(arm: Arm, snapshot: Resource): void {
  const steps = 10;
  const key = { name: backgroundCopy, resource: snapshot.id };
  const seconds = arm.operations.secondsFor(key, backgroundCopySeconds);
  snapshot.properties.completionPercent = 0;
  for (let step = 1; step <= steps; step++) {
    arm.timeline.after((seconds * step) / steps, () => {
      snapshot.properties.completionPercent = (100 * step) / steps;
    });
  }
}

function isCopyStart(body: JsonObject): boolean {
  return textAt(body, 'properties', 'creationData', 'createOption')?.toLowerCase() === 'copystart';
}

/** "CopyStart: incremental only" is documented; code and wording are invented. */
function requireIncrementalCopy(body: JsonObject): void {
  if (!isCopyStart(body) || objectAt(body, 'properties').incremental === true) return;
  throw armError(400, 'BadRequest', 'CopyStart is only supported for incremental snapshots.');
}

/** (azure-sdk-for-java#29811.) */
function requireSnapshotSku(sku: string | undefined): void {
  const supported = ['Premium_LRS', 'Standard_LRS', 'Standard_ZRS'];
  if (sku === undefined || supported.includes(sku)) return;
  throw invalidParameter(
    `SKU ${sku} is not supported for resource type Snapshot in this region. Supported SKUs for ` +
      `this region are ${supported.join(',')}`,
    'sku',
  );
}

function patch(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined)
    throw armError(404, 'NotFound', `Resource ${request.name} is not found.`);
  const properties = { ...existing.properties, ...objectAt(request.body, 'properties') };
  const asked = { ...request, body: { ...request.body, properties } };
  const origin = { creationData: {}, properties: {}, sizeGB: undefined, kind: '' };
  const final = finished(arm, asked, existing, origin);
  const first = echo(existing, request, { final, isUpdate: true, now: arm.now() });
  return startDiskOperation(arm, request, {
    name: 'PATCH snapshots',
    reply: first,
    final: () => final,
  });
}

function remove(arm: Arm, request: ArmRequest): Reply {
  if (arm.world.get(request.id) === undefined) return { status: 204 };
  return startDiskOperation(arm, request, { name: 'DELETE snapshots' });
}
