/**
 * How disks and snapshots look: in the first answer to a write, which only repeats what was sent,
 * and once the service has worked it out. Recorded with API versions from 2018-04-01 to 2023-10-02.
 */
import { stamp } from '../clock.ts';
import { type JsonObject, objectAt, textAt } from '../json.ts';
import type { Resource } from '../world.ts';

/** Properties with the API version that first shows them (recordings; Azure's disk specifications). */
const since: Readonly<Record<string, string>> = {
  diskIOPSReadWrite: '2018-06-01',
  diskMBpsReadWrite: '2018-06-01',
  hyperVGeneration: '2018-09-30',
  diskSizeBytes: '2019-03-01',
  uniqueId: '2019-03-01',
  incremental: '2019-03-01',
  encryption: '2019-07-01',
  networkAccessPolicy: '2020-05-01',
  diskAccessId: '2020-05-01',
  tier: '2020-06-30',
  incrementalSnapshotFamilyId: '2020-09-30',
  securityProfile: '2020-12-01',
  supportsHibernation: '2020-12-01',
  publicNetworkAccess: '2021-04-01',
  supportedCapabilities: '2021-04-01',
  completionPercent: '2021-04-01',
  LastOwnershipUpdateTime: '2023-04-02',
};

/** A disk or snapshot as `apiVersion` shows it. */
export function shownDisk(resource: Resource, apiVersion: string): Resource {
  const properties = Object.fromEntries(
    Object.entries(resource.properties).filter(([name]) => (since[name] ?? '') <= apiVersion),
  );
  if (properties.creationData === undefined) return { ...resource, properties };
  const { sourceUniqueId, ...creationData } = objectAt(properties, 'creationData');
  if (apiVersion >= '2019-03-01' && sourceUniqueId !== undefined) {
    creationData.sourceUniqueId = sourceUniqueId;
  }
  return { ...resource, properties: { ...properties, creationData } };
}

/** Sent, but decided by the service unless the SKU lets the customer choose. */
const chosenPerformance = ['diskIOPSReadWrite', 'diskMBpsReadWrite'];

/** The first answer to a write of a disk or snapshot: what was sent, `Updating`. */
export function echo(resource: Resource, body: JsonObject, apiVersion: string, isUpdate: boolean) {
  const sku = textAt(body, 'sku', 'name') ?? textAt(resource, 'sku', 'name') ?? 'Standard_LRS';
  const isChoosable = /^(PremiumV2|UltraSSD)/.test(sku);
  const sent = Object.fromEntries(
    Object.entries(objectAt(body, 'properties')).filter(
      ([name]) => isChoosable || !chosenPerformance.includes(name),
    ),
  );
  const properties: JsonObject = { ...sent, provisioningState: 'Updating' };
  const isDisk = resource.type.endsWith('/disks');
  const rest = { location: resource.location, ...tagsOf(body), sku: { name: sku }, properties };
  // Before 2019 the answer named the resource hardly at all, and told of internals.
  if (apiVersion < '2019-03-01') {
    properties.isArmResource = true;
    if (!isDisk && isUpdate) properties.faultDomain = 0;
    return { ...rest, ...(isDisk ? { name: resource.name } : {}) };
  }
  const { name, id, type } = resource;
  return { name, id, type, ...rest };
}

/** `tags`, when the body has any. */
export function tagsOf(body: JsonObject): JsonObject {
  return body.tags === undefined ? {} : { tags: objectAt(body, 'tags') };
}

/** The disk service writes the group's name in capitals in references it has resolved (recorded). */
export function resolvedReference(id: string): string {
  return id.replace(
    /(\/resourceGroups\/)([^/]+)/i,
    (_, head: string, name: string) => head + name.toUpperCase(),
  );
}

/** `encryption` as the service completes it. */
export function resolvedEncryption(sent: JsonObject): JsonObject {
  const set = textAt(sent, 'diskEncryptionSetId');
  const type = textAt(sent, 'type');
  if (set === undefined) return { type: type ?? 'EncryptionAtRestWithPlatformKey' };
  return {
    type: type ?? 'EncryptionAtRestWithCustomerKey',
    diskEncryptionSetId: resolvedReference(set),
  };
}

/** The time stamp Azure gives a disk or snapshot that comes into being now. */
export function createdAt(now: number): JsonObject {
  return { timeCreated: stamp(now) };
}
