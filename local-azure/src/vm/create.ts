/** Making a VM: from a gallery version, from another image, or from a disk that is attached. */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { stamp } from '../clock.ts';
import { armError, invalidParameter } from '../errors.ts';
import {
  ensureObject,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../json.ts';
import { addressed } from '../providers/network-shapes.ts';
import { tellsAgentUpdates, tellsDiskController, tellsImageSize } from '../service-history.ts';
import { asResource, type Resource } from '../world.ts';
import { alikeDisks } from './distinct-disks.ts';
import { fillProfiles, spellDisks, spellReferences } from './filled.ts';
import { assignIdentities, nextIdentity } from './identity.ts';
import { type ImageSource, imageSource } from './image-source.ts';
import { firstInstanceView, setPower, setSpecialized } from './instance-view.ts';
import type { Machines } from './machines.ts';
import { completeDataDisk, type DiskOrigin, makeDisk } from './made-disks.ts';
import { attachDisks, attachNics, checkAttachable, diskEntries, managedDiskId } from './model.ts';
import { reservedNic } from './reserved-nics.ts';
import { showVm } from './show.ts';

/** Answers the PUT that makes a VM: 201 with an operation (recorded). */
export function createVm(arm: Arm, machines: Machines, request: ArmRequest): Reply {
  const { body } = request;
  const location = textAt(body, 'location');
  if (location === undefined || location === '') {
    const message = 'The location property is required for this definition.';
    throw armError(400, 'LocationRequired', message);
  }
  const properties = structuredClone(objectAt(body, 'properties'));
  spellDisks(objectAt(properties, 'storageProfile'));
  spellReferences(properties);
  fillProfiles(properties, {});
  const source = imageSource(arm.world, properties, { id: request.id, location });
  checkProfile(arm, request.id, properties, source);
  const vm = asResource({ ...body, location, id: request.id });
  const unmade = unmadeDisks(properties, arm.now());
  vm.properties = properties;
  Object.assign(vm.properties, {
    provisioningState: 'Creating',
    vmId: arm.random.uuid(),
    timeCreated: stamp(arm.now()),
  });
  vm.etag = '"1"';
  if (isObject(vm.identity)) vm.identity = nextIdentity(arm, undefined, vm.identity);
  completeOsProfile(vm, source, arm.now());
  makeDisks(arm, vm, source);
  firstInstanceView(vm, source.generation, arm.now());
  if (source.osState === 'Specialized') setSpecialized(vm);
  setPower(vm, 'starting', arm.now());
  makeNics(arm, vm);
  attachDisks(arm.world, vm, arm.now());
  attachNics(arm.world, vm);
  arm.world.put(vm);
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location,
    name: 'PUT virtualMachines',
    resource: vm.id,
    retryAfter: { first: 10, poll: 30 },
    onEnd: () => {
      vm.properties.provisioningState = 'Succeeded';
      assignIdentities(arm, vm);
      // How large a VHD is, is known once it is there (recorded 2019-12).
      const osDisk = objectAt(vm, 'properties', 'storageProfile', 'osDisk');
      if (osDisk.vhd !== undefined) osDisk.diskSizeGB ??= source.osDiskSizeGB;
      setPower(vm, 'running', arm.now());
      // Creation of a VM waits for the first boot, and with it for most agents of Linux: ready in
      // 953 of 1199 first answers, 16 of 101 of Windows, few of specialized images (recorded).
      const waits = source.osType === 'Linux' && isObject(vm.properties.osProfile);
      machines.of(vm).powerOn(waits ? 0 : undefined);
      return undefined;
    },
    onFault: () => {
      vm.properties.provisioningState = 'Failed';
    },
  });
  return operation.reply(201, firstAnswer(showVm(vm, request.query, arm.now()), unmade));
}

/** Places in the storage profile, OS disk first, of disks that are yet to be made and named. */
function unmadeDisks(properties: JsonObject, now: number) {
  const profile = objectAt(properties, 'storageProfile');
  const isMarketplace = textAt(profile, 'imageReference', 'publisher') !== undefined;
  return [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')].map((entry) => ({
    named: entry.name !== undefined,
    made: managedDiskId(entry) !== undefined,
    sized: entry.diskSizeGB !== undefined || !isMarketplace || tellsImageSize(now),
  }));
}

/**
 * The first answer knows neither the IDs of the disks that are being made nor names that were not
 * given (recorded with 2022-03-01 in azure-sdk-for-js, recording_virtualmachines_create_test, and
 * 2019-12 in azure-libraries-for-net, Fluent.Tests.Compute.VirtualMachine.*).
 */
function firstAnswer(shown: JsonObject, known: ReturnType<typeof unmadeDisks>): JsonObject {
  const answer = structuredClone(shown);
  const profile = objectAt(answer, 'properties', 'storageProfile');
  const entries = [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')];
  entries.forEach((entry, index) => {
    const { named = false, made = false, sized = true } = known[index] ?? {};
    if (made || entry.vhd !== undefined) return;
    if (!named) delete entry.name;
    if (!sized) delete entry.diskSizeGB;
    delete objectAt(entry, 'managedDisk').id;
  });
  return answer;
}

function checkProfile(arm: Arm, id: string, properties: JsonObject, source: ImageSource): void {
  const hasOsProfile = isObject(properties.osProfile);
  // (packer-plugin-azure#307; troubleshooting-shared-images.md.)
  if (source.osState === 'Specialized' && hasOsProfile) {
    throw invalidParameter("Parameter 'osProfile' is not allowed.", 'osProfile');
  }
  if (source.osState === 'Generalized' && !hasOsProfile) {
    throw invalidParameter("Required parameter 'osProfile' is missing (null).", 'osProfile');
  }
  const alike = alikeDisks(properties);
  if (alike !== undefined) throw alike;
  const entries = [objectAt(properties, 'storageProfile', 'osDisk')];
  entries.push(...objectsAt(properties, 'storageProfile', 'dataDisks'));
  for (const entry of entries) {
    const disk = managedDiskId(entry);
    const problem = disk === undefined ? undefined : checkAttachable(arm.world, id, disk);
    if (problem !== undefined) throw problem;
  }
  for (const nic of objectsAt(properties, 'networkProfile', 'networkInterfaces')) {
    const nicId = textAt(nic, 'id') ?? '';
    if (arm.world.get(nicId) !== undefined) continue;
    const message =
      `Resource ${nicId} referenced by resource ${id} was not found. Please make sure that the ` +
      'referenced resource exists, and that both resources are in the same region.';
    throw armError(400, 'InvalidResourceReference', message);
  }
  const reserved = reservedNic(arm, properties);
  if (reserved !== undefined) throw reserved;
}

/**
 * What the service fills in (recorded in test_vm_generalize, for Windows with 2022-03-01 in
 * azure-sdk-for-js, recording_virtualmachines_create_test); passwords never come back.
 */
function completeOsProfile(vm: Resource, { osType }: ImageSource, now: number): void {
  if (!isObject(vm.properties.osProfile)) return;
  const { adminPassword: _, customData: __, ...profile } = vm.properties.osProfile;
  const isWindows = osType === 'Windows';
  const kind = isWindows ? 'windowsConfiguration' : 'linuxConfiguration';
  const sent = objectAt(profile, kind);
  vm.properties.osProfile = {
    ...profile,
    [kind]: {
      ...(isWindows ? { enableAutomaticUpdates: true } : { disablePasswordAuthentication: false }),
      provisionVMAgent: true,
      ...(tellsAgentUpdates(now) ? { enableVMAgentPlatformUpdates: false } : {}),
      ...sent,
      patchSettings: {
        patchMode: isWindows ? 'AutomaticByOS' : 'ImageDefault',
        assessmentMode: 'ImageDefault',
        ...objectAt(sent, 'patchSettings'),
      },
    },
    secrets: profile.secrets ?? [],
    allowExtensionOperations: profile.allowExtensionOperations ?? true,
    requireGuestProvisionSignal: true,
  };
}

/** Makes the disks that an image brings, and completes the entries of the storage profile. */
function makeDisks(arm: Arm, vm: Resource, source: ImageSource): void {
  const profile = ensureObject(vm.properties, 'storageProfile');
  if (source.exactVersion !== undefined) {
    ensureObject(profile, 'imageReference').exactVersion = source.exactVersion;
  }
  const osDisk = ensureObject(profile, 'osDisk');
  completeAttached(arm, osDisk);
  osDisk.osType ??= source.osType;
  osDisk.caching ??= 'ReadWrite';
  osDisk.deleteOption ??= 'Detach';
  const given = objectsAt(profile, 'dataDisks');
  const inherited = source.dataDisks.filter(({ lun }) => !given.some((each) => each.lun === lun));
  const dataDisks: JsonObject[] = [
    ...inherited.map(({ lun, sizeGB, caching }) => ({
      lun,
      diskSizeGB: sizeGB,
      createOption: 'FromImage',
      ...(caching === undefined ? {} : { caching }),
    })),
    ...given,
  ];
  profile.dataDisks = dataDisks;
  const tells = tellsDiskController(arm.now(), textAt(vm, 'location'));
  if (source.generation === 'V2' && tells) profile.diskControllerType ??= 'SCSI';
  profile.dataDisks = dataDisks.map((entry) => completeDataDisk(arm, vm, entry));
  diskEntries(vm).forEach((entry, index) => {
    if (managedDiskId(entry) !== undefined || entry.vhd !== undefined) return;
    makeDisk(arm, vm, entry, index === 0 ? osOrigin(vm, source) : dataOrigin(index));
  });
}

/** An OS disk that is attached brings its name, size and type (recorded 2019-12, azure-libraries-for-net). */
function completeAttached(arm: Arm, entry: JsonObject): void {
  const id = managedDiskId(entry);
  const disk = arm.world.get(id ?? '');
  if (id === undefined || disk === undefined) return;
  entry.name ??= disk.name;
  entry.diskSizeGB ??= numberAt(disk, 'properties', 'diskSizeGB') ?? 30;
  const storageAccountType = textAt(disk, 'sku', 'name') ?? 'Standard_LRS';
  entry.managedDisk = { storageAccountType, ...objectAt(entry, 'managedDisk') };
}

function osOrigin(vm: Resource, source: ImageSource): DiskOrigin {
  const securityType = textAt(vm, 'properties', 'securityProfile', 'securityType');
  const properties: JsonObject = {
    ...source.diskProperties,
    osType: source.osType,
    hyperVGeneration: source.generation,
    ...(securityType === undefined ? {} : { securityProfile: { securityType } }),
  };
  const { creationData } = source;
  return {
    properties,
    sizeGB: source.osDiskSizeGB,
    part: source.osDiskPart ?? 'OsDisk_1',
    creationData,
  };
}

/** Size of a data disk that nothing gives a size: invented. */
function dataOrigin(index: number): DiskOrigin {
  return { properties: {}, sizeGB: 32, part: `disk${index + 1}` };
}

/** NICs that the VM's own body describes are made with it; their names here are as given. */
function makeNics(arm: Arm, vm: Resource): void {
  const network = objectAt(vm, 'properties', 'networkProfile');
  const group = vm.id.slice(0, idKey(vm.id).indexOf('/providers/'));
  for (const configuration of objectsAt(network, 'networkInterfaceConfigurations')) {
    const name = textAt(configuration, 'name') ?? 'nic';
    const id = `${group}/providers/Microsoft.Network/networkInterfaces/${name}`;
    const properties = objectAt(configuration, 'properties');
    const nic = asResource({ id, location: vm.location, properties: { ...properties } });
    addressed(arm, nic);
    arm.world.put(nic);
    const deleteOption = textAt(properties, 'deleteOption') ?? 'Detach';
    const nics = objectsAt(network, 'networkInterfaces');
    network.networkInterfaces = [...nics, { id, properties: { deleteOption } }];
  }
  delete network.networkInterfaceConfigurations;
}
