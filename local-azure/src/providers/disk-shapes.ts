/**
 * How disks and snapshots look: in the first answer to a write, which only repeats what was sent,
 * and once the service has worked it out. Recorded with API versions from 2018-04-01 to 2023-10-02.
 */
import type { ArmRequest } from '../arm.ts';
import { withCapitalGroup } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { type JsonObject, objectAt, textAt } from '../json.ts';
import { diskAnswers } from '../service-history.ts';
import type { Resource, World } from '../world.ts';

/** Properties with the API version that first shows them (recordings; Azure's disk specifications). */
const since: Readonly<Record<string, string>> = {
  diskIOPSReadWrite: '2018-06-01',
  diskMBpsReadWrite: '2018-06-01',
  hyperVGeneration: '2018-09-30',
  diskSizeBytes: '2019-03-01',
  uniqueId: '2019-03-01',
  incremental: '2019-03-01',
  encryption: '2019-07-01',
  encryptionType: '2020-05-01',
  diskIOPSReadOnly: '2019-07-01',
  diskMBpsReadOnly: '2019-07-01',
  readOnly: '2019-07-01',
  maxShares: '2019-07-01',
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
  const shown = {
    ...resource,
    properties: { ...properties, creationData: creationData(properties, apiVersion) },
  };
  return shown;
}

function creationData(properties: JsonObject, apiVersion: string): JsonObject {
  const { sourceUniqueId, logicalSectorSize, ...others } = objectAt(properties, 'creationData');
  return {
    ...others,
    ...(apiVersion >= '2019-03-01' && sourceUniqueId !== undefined ? { sourceUniqueId } : {}),
    ...(apiVersion >= '2020-05-01' && logicalSectorSize !== undefined ? { logicalSectorSize } : {}),
  };
}

/** Sent, but decided by the service unless the SKU lets the customer choose. */
const chosenPerformance = ['diskIOPSReadWrite', 'diskMBpsReadWrite'];

/** Sent in `creationData`, but not repeated (recorded 2023-11 and 2024-03). */
const notRepeated = ['provisionedBandwidthCopySpeed', 'elasticSanResourceId'];

/** The first answer to a write: what was sent, `Updating`. `final` is what will be made of it. */
export function echo(
  resource: Resource,
  request: ArmRequest,
  {
    final,
    isUpdate,
    now,
  }: { readonly final: Resource; readonly isUpdate: boolean; readonly now: number },
): JsonObject {
  const { body, apiVersion } = request;
  const before = textAt(resource, 'sku', 'name');
  const sku = textAt(body, 'sku', 'name') ?? before;
  const isChoosable = /^(PremiumV2|UltraSSD)/.test(sku ?? '');
  const sent = Object.fromEntries(
    Object.entries(objectAt(body, 'properties')).filter(
      ([name]) => isChoosable || !chosenPerformance.includes(name),
    ),
  );
  const answers = diskAnswers(now);
  const isDisk = resource.type.endsWith('/disks');
  const properties: JsonObject = {
    ...sent,
    ...(answers.isInternal && sku === 'UltraSSD_LRS'
      ? ultraAnswer(sent, shownDisk(final, apiVersion).properties)
      : {}),
    ...(isUpdate && sku === 'UltraSSD_LRS' ? { readOnly: false } : {}),
    ...(sent.creationData === undefined ? {} : { creationData: echoedCreation(sent) }),
    // A snapshot of a VHD tells its size at once (recorded 2022-11 and 2024-08).
    ...(!isDisk && textAt(sent, 'creationData', 'createOption') === 'Import'
      ? { diskSizeBytes: final.properties.diskSizeBytes }
      : {}),
    ...(answers.isInternal
      ? internalAnswer(sent, final, {
          apiVersion,
          now,
          isUpdate,
          isMoved: isDisk && sku !== before,
        })
      : {}),
    provisioningState: 'Updating',
  };
  const { name, id, type } = resource;
  return {
    ...(isDisk || answers.hasSnapshotName ? { name } : {}),
    ...(answers.hasId ? { id } : {}),
    ...(answers.isInternal ? {} : { type }),
    location: resource.location,
    ...(answers.isInternal && resource.managedBy !== undefined
      ? { managedBy: resource.managedBy }
      : {}),
    ...(body.extendedLocation === undefined ? {} : { extendedLocation: body.extendedLocation }),
    ...(body.zones === undefined || !answers.isInternal ? {} : { zones: body.zones }),
    ...tagsOf(body),
    // A SKU that was not sent is chosen later (recorded 2019-12 in azure-libraries-for-net).
    ...(sku === undefined ? {} : { sku: { name: sku } }),
    properties,
  };
}

function echoedCreation(sent: JsonObject): JsonObject {
  const entries = Object.entries(objectAt(sent, 'creationData'));
  return Object.fromEntries(entries.filter(([name]) => !notRepeated.includes(name)));
}

/** An Ultra disk's first answer already told its performance (recorded 2019 to 2021). */
function ultraAnswer(sent: JsonObject, final: JsonObject): JsonObject {
  const { diskIOPSReadWrite, diskMBpsReadWrite, diskIOPSReadOnly, diskMBpsReadOnly } = final;
  const known = { diskIOPSReadWrite, diskMBpsReadWrite, diskIOPSReadOnly, diskMBpsReadOnly };
  return { ...known, ...(diskIOPSReadOnly === undefined ? {} : { readOnly: false }), ...sent };
}

/** What the service's own record told beyond what was sent (recorded 2018 to 2022). */
function internalAnswer(
  sent: JsonObject,
  final: Resource,
  context: {
    readonly apiVersion: string;
    readonly now: number;
    readonly isUpdate: boolean;
    /** Whether a disk gets another SKU. */
    readonly isMoved: boolean;
  },
): JsonObject {
  const { apiVersion, now, isUpdate, isMoved } = context;
  const option = textAt(sent, 'creationData', 'createOption') ?? '';
  const isCopy = /^copy(start)?$/i.test(option);
  const { osType, diskSizeBytes, creationData: made } = final.properties;
  const source = textAt(made, 'sourceUniqueId');
  const hasSource = isCopy && !isUpdate && source !== undefined;
  const hadTiers =
    apiVersion >= '2020-06-30' && now >= Date.parse('2020-09-01') && now < Date.parse('2020-12-01');
  return {
    isArmResource: true,
    ...(isUpdate && !isMoved ? { faultDomain: 0 } : {}),
    ...(osType === undefined || isUpdate ? {} : { osType }),
    ...(option === 'Import' ? { diskSizeBytes } : {}),
    ...(hadTiers && final.properties.tier !== undefined ? { tier: final.properties.tier } : {}),
    ...(isCopy && apiVersion >= '2021-04-01' ? { publicNetworkAccess: 'Enabled' } : {}),
    ...(hasSource && apiVersion >= '2019-03-01'
      ? { creationData: { ...echoedCreation(sent), sourceUniqueId: source } }
      : {}),
  };
}

/**
 * What a GET shows of a snapshot that is being made: all but how large it is (recorded 2022-12 and
 * 2023-12, test_vm_create_by_attach_os_and_data_disks; of disks by analogy).
 */
export function unfinished(final: Resource): Resource {
  const { diskSizeGB: _, diskSizeBytes: __, completionPercent: ___, ...known } = final.properties;
  return { ...final, properties: { ...known, provisioningState: 'Creating' } };
}

/** `tags`, when the body has any. */
export function tagsOf(body: JsonObject): JsonObject {
  return body.tags === undefined ? {} : { tags: objectAt(body, 'tags') };
}

/** `encryption` as the service completes it. */
export function resolvedEncryption(world: World, sent: JsonObject): JsonObject {
  const set = textAt(sent, 'diskEncryptionSetId');
  const type = textAt(sent, 'type');
  if (set === undefined) return { type: type ?? 'EncryptionAtRestWithPlatformKey' };
  const usual = textAt(world.get(set), 'properties', 'encryptionType');
  return {
    type: type ?? usual ?? 'EncryptionAtRestWithCustomerKey',
    diskEncryptionSetId: withCapitalGroup(set),
  };
}

/** The time stamp Azure gives a disk or snapshot that comes into being now. */
export function createdAt(now: number): JsonObject {
  return { timeCreated: stamp(now) };
}
