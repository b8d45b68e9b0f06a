/**
 * Linked access: what ARM asks for on the resources that a request's body refers to, beside the
 * action on the resource itself. A request that names nothing new asks for nothing.
 */
import { parseId } from './arm-id.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from './json.ts';

/** An action, and the resource it is needed on. */
export interface Need {
  readonly action: string;
  readonly scope: string;
}

type Needs = (body: JsonObject) => readonly Need[];

/**
 * What is needed on a resource that another is made from, by its type. Disks and snapshots as
 * source of a copy: Azure/OpenShift#186; images and versions: shared-image-galleries.md.
 */
const TO_COPY: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'microsoft.compute/disks': ['Microsoft.Compute/disks/beginGetAccess/action'],
    'microsoft.compute/snapshots': ['Microsoft.Compute/snapshots/beginGetAccess/action'],
    'microsoft.compute/images': ['Microsoft.Compute/images/read'],
    'microsoft.compute/galleries/images': ['Microsoft.Compute/galleries/images/read'],
    'microsoft.compute/galleries/images/versions': [
      'Microsoft.Compute/galleries/images/versions/read',
    ],
  }),
);

/**
 * The same for an image version, which asks for write on what is not an image (table "RBAC
 * Permissions required to create an ACG Image"); beginGetAccess as well.
 */
const TO_PUBLISH: typeof TO_COPY = new Map([
  ...TO_COPY,
  ...Object.entries({
    'microsoft.compute/virtualmachines': ['Microsoft.Compute/virtualMachines/write'],
    'microsoft.compute/disks': [
      'Microsoft.Compute/disks/write',
      'Microsoft.Compute/disks/beginGetAccess/action',
    ],
    'microsoft.compute/snapshots': [
      'Microsoft.Compute/snapshots/write',
      'Microsoft.Compute/snapshots/beginGetAccess/action',
    ],
  }),
]);

const READ_SET = 'Microsoft.Compute/diskEncryptionSets/read';

/** By method and type, in lower case. */
const NEEDS: readonly (readonly [RegExp, Needs])[] = [
  [/^put microsoft\.compute\/(disks|snapshots)$/, ofCopy],
  [/^(put|patch) microsoft\.compute\/galleries\/images\/versions$/, ofVersion],
  [/^put microsoft\.compute\/images$/, ofManagedImage],
  [/^(put|patch) microsoft\.compute\/virtualmachines$/, ofMachine],
  [/^post microsoft\.compute\/virtualmachines\/attachdetachdatadisks$/, ofAttaching],
  [/^put microsoft\.network\/networkinterfaces$/, ofInterface],
];

/**
 * What a request needs on other resources.
 *
 * @param line method and type of the request, a POST's action included: `PUT Microsoft.Compute/disks`
 */
export function linkedNeeds(line: string, body: JsonObject): readonly Need[] {
  const found = NEEDS.find(([pattern]) => pattern.test(line.toLowerCase()));
  return found?.[1](body) ?? [];
}

function ofCopy(body: JsonObject): Need[] {
  const creation = objectAt(body, 'properties', 'creationData');
  return [
    ...by(TO_COPY, textAt(creation, 'sourceResourceId')),
    ...by(TO_COPY, textAt(creation, 'galleryImageReference', 'id')),
    // (kubernetes-sigs/azuredisk-csi-driver#2610.)
    ...on(READ_SET, textAt(body, 'properties', 'encryption', 'diskEncryptionSetId')),
  ];
}

function ofVersion(body: JsonObject): Need[] {
  const profile = objectAt(body, 'properties', 'storageProfile');
  const source = objectAt(profile, 'source');
  const disks = [objectAt(profile, 'osDiskImage'), ...objectsAt(profile, 'dataDiskImages')];
  const regions = objectsAt(body, 'properties', 'publishingProfile', 'targetRegions');
  return [
    ...by(TO_PUBLISH, textAt(source, 'virtualMachineId')),
    ...by(TO_PUBLISH, textAt(source, 'id')),
    ...disks.flatMap((disk) => [
      ...by(TO_PUBLISH, textAt(disk, 'source', 'id')),
      ...on(
        'Microsoft.Storage/storageAccounts/listKeys/action',
        textAt(disk, 'source', 'storageAccountId'),
      ),
    ]),
    ...regions.flatMap((region) => setsOf(objectAt(region, 'encryption'))),
  ];
}

/** The disk encryption sets of a region; that they must be readable as for disks is inferred. */
function setsOf(encryption: JsonObject): Need[] {
  const disks = [objectAt(encryption, 'osDiskImage'), ...objectsAt(encryption, 'dataDiskImages')];
  return disks.flatMap((disk) => [
    ...on(READ_SET, textAt(disk, 'diskEncryptionSetId')),
    ...on(READ_SET, textAt(disk, 'securityProfile', 'secureVMDiskEncryptionSetId')),
  ]);
}

/** Inferred from image versions: no source tells of managed images. */
function ofManagedImage(body: JsonObject): Need[] {
  const profile = objectAt(body, 'properties', 'storageProfile');
  const disks = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
  return [
    ...by(TO_PUBLISH, textAt(body, 'properties', 'sourceVirtualMachine', 'id')),
    ...disks.flatMap((disk) => [
      ...by(TO_COPY, textAt(disk, 'managedDisk', 'id')),
      ...by(TO_COPY, textAt(disk, 'snapshot', 'id')),
    ]),
  ];
}

/**
 * (Identities: Azure/aad-pod-identity#613. That a disk is
 * attached with write on it is inferred.)
 */
function ofMachine(body: JsonObject): Need[] {
  const properties = objectAt(body, 'properties');
  const profile = objectAt(properties, 'storageProfile');
  const disks = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
  const nics = objectsAt(properties, 'networkProfile', 'networkInterfaces');
  const identities = Object.keys(objectAt(body, 'identity', 'userAssignedIdentities'));
  return [
    ...nics.flatMap((nic) =>
      on('Microsoft.Network/networkInterfaces/join/action', textAt(nic, 'id')),
    ),
    ...objectsAt(properties, 'networkProfile', 'networkInterfaceConfigurations').flatMap(
      ofMadeInterface,
    ),
    ...by(TO_COPY, textAt(profile, 'imageReference', 'id')),
    ...disks.flatMap((disk) => [
      ...on('Microsoft.Compute/disks/write', textAt(disk, 'managedDisk', 'id')),
      ...on(READ_SET, textAt(disk, 'managedDisk', 'diskEncryptionSet', 'id')),
    ]),
    ...identities.flatMap((id) =>
      on('Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', id),
    ),
  ];
}

function ofAttaching(body: JsonObject): Need[] {
  return objectsAt(body, 'dataDisksToAttach').flatMap((disk) =>
    on('Microsoft.Compute/disks/write', textAt(disk, 'diskId')),
  );
}

/**
 * An interface that comes with its VM asks for what it is joined to, as one by itself does; that the
 * right to write the VM is enough to make it is inferred.
 */
function ofMadeInterface(configuration: JsonObject): Need[] {
  const properties = objectAt(configuration, 'properties');
  return ofInterface({ properties });
}

/** (From the documented actions; security groups from memory.) */
function ofInterface(body: JsonObject): Need[] {
  const properties = objectAt(body, 'properties');
  return [
    ...objectsAt(properties, 'ipConfigurations').flatMap(({ properties: inner }) => [
      ...on('Microsoft.Network/virtualNetworks/subnets/join/action', textAt(inner, 'subnet', 'id')),
      ...on(
        'Microsoft.Network/publicIPAddresses/join/action',
        textAt(inner, 'publicIPAddress', 'id'),
      ),
    ]),
    ...on(
      'Microsoft.Network/networkSecurityGroups/join/action',
      textAt(properties, 'networkSecurityGroup', 'id'),
    ),
  ];
}

function on(action: string, scope: string | undefined): Need[] {
  return scope === undefined || scope === '' ? [] : [{ action, scope }];
}

function by(needed: typeof TO_COPY, id: string | undefined): Need[] {
  const actions = id === undefined ? [] : (needed.get(parseId(id).type.toLowerCase()) ?? []);
  return actions.flatMap((action) => on(action, id));
}
