/** Making a VM: from a gallery version, from another image, or from a disk that is attached. */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
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
import { tellsAgentUpdates, tellsDiskController, tellsImageSize } from '../service-history.ts';
import { asResource, type Resource } from '../world.ts';
import { alikeDisks } from './distinct-disks.ts';
import { fillProfiles, spellDisks, spellReferences } from './filled.ts';
import { firstBoot } from './first-boot.ts';
import { assignIdentities, nextIdentity } from './identity.ts';
import { type ImageSource, imageSource } from './image-source.ts';
import {
  firstInstanceView,
  setPower,
  setSpecialized,
  showBootDiagnostics,
  showFailure,
} from './instance-view.ts';
import type { Machines } from './machines.ts';
import { completeDataDisk, type DiskOrigin, makeDisk } from './made-disks.ts';
import { makeNics, requireNics } from './made-nics.ts';
import { attachDisks, attachNics, checkAttachable, diskEntries, managedDiskId } from './model.ts';
import { reservedNic } from './reserved-nics.ts';
import { showVm } from './show.ts';
import { requireSize } from './size-refusals.ts';
import type { VmSize } from './sizes.ts';

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
  const planned = { id: request.id, location, zones: body.zones, plan: body.plan };
  const source = imageSource(arm, properties, planned);
  const size = requireSize(arm.world, properties, { ...planned, source });
  checkProfile(arm, request.id, properties, source);
  requireNics(arm, request.id, properties, location);
  const content = source.contentId === undefined ? undefined : arm.contents.of(source.contentId);
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
  makeDisks(arm, vm, source, size);
  firstInstanceView(vm, source.generation, arm.now());
  if (source.osState === 'Specialized') setSpecialized(vm);
  setPower(vm, 'starting', arm.now());
  makeNics(arm, vm);
  showBootDiagnostics(vm);
  attachDisks(arm.world, vm, arm.now());
  attachNics(arm.world, vm);
  arm.world.put(vm);
  const machine = machines.of(vm);
  const isImage = source.osState !== undefined && content !== undefined;
  const boot = isImage ? firstBoot(arm, machine, vm, content) : undefined;
  if (boot === undefined && content !== undefined) machine.os.attach(content);
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location,
    name: 'PUT virtualMachines',
    resource: vm.id,
    retryAfter: { first: 10, poll: 30 },
    ...(boot === undefined ? {} : { seconds: boot.seconds }),
    onEnd: () => {
      if (boot !== undefined) {
        assignIdentities(arm, vm);
        return boot.end();
      }
      vm.properties.provisioningState = 'Succeeded';
      assignIdentities(arm, vm);
      // How large a VHD is, is known once it is there (recorded 2019-12).
      const osDisk = objectAt(vm, 'properties', 'storageProfile', 'osDisk');
      if (osDisk.vhd !== undefined) osDisk.diskSizeGB ??= source.osDiskSizeGB;
      setPower(vm, 'running', arm.now());
      // Creation of a VM waits for the first boot, and with it for most agents of Linux: ready in
      // 953 of 1199 first answers, 16 of 101 of Windows, few of specialized images (recorded).
      const waits = source.osType === 'Linux' && isObject(vm.properties.osProfile);
      machine.powerOn(waits ? 0 : undefined);
      return undefined;
    },
    onFault: (error) => {
      vm.properties.provisioningState = 'Failed';
      showFailure(vm, error, arm.now());
    },
  });
  if (request.fault === undefined) boot?.begin(operation.seconds);
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
function makeDisks(arm: Arm, vm: Resource, source: ImageSource, size: VmSize): void {
  const profile = ensureObject(vm.properties, 'storageProfile');
  if (source.exactVersion !== undefined) {
    ensureObject(profile, 'imageReference').exactVersion = source.exactVersion;
  }
  const osDisk = ensureObject(profile, 'osDisk');
  completeAttached(arm, osDisk);
  osDisk.osType ??= source.osType;
  osDisk.caching ??= 'ReadWrite';
  osDisk.deleteOption ??= 'Detach';
  if (source.osDiskSku !== undefined && osDisk.vhd === undefined)
    ensureObject(osDisk, 'managedDisk').storageAccountType ??= source.osDiskSku;
  const given = objectsAt(profile, 'dataDisks').map((each) => ofImage(each, source));
  const inherited = source.dataDisks.filter(({ lun }) => !given.some((each) => each.lun === lun));
  const dataDisks: JsonObject[] = [
    ...inherited.map(({ lun, sizeGB, caching, sku }) => ({
      lun,
      diskSizeGB: sizeGB,
      createOption: 'FromImage',
      ...(caching === undefined ? {} : { caching }),
      ...(sku === undefined ? {} : { managedDisk: { storageAccountType: sku } }),
    })),
    ...given,
  ];
  profile.dataDisks = dataDisks;
  const tells = tellsDiskController(arm.now(), textAt(vm, 'location'));
  const usual = size.diskControllers === 'NVMe' ? 'NVMe' : 'SCSI';
  if (source.generation === 'V2' && tells) profile.diskControllerType ??= usual;
  profile.dataDisks = dataDisks.map((entry) => completeDataDisk(arm, vm, entry));
  diskEntries(vm).forEach((entry, index) => {
    if (managedDiskId(entry) !== undefined || entry.vhd !== undefined) return;
    makeDisk(arm, vm, entry, index === 0 ? osOrigin(vm, source) : dataOrigin(index));
  });
}

/** A data disk that the image has too, and that says nothing of its SKU, has the image's. */
function ofImage(entry: JsonObject, source: ImageSource): JsonObject {
  const sku = source.dataDisks.find(({ lun }) => lun === entry.lun)?.sku;
  const managedDisk = objectAt(entry, 'managedDisk');
  const isOfImage = textAt(entry, 'createOption')?.toLowerCase() === 'fromimage';
  if (!isOfImage || sku === undefined || textAt(managedDisk, 'storageAccountType')) return entry;
  return { ...entry, managedDisk: { ...managedDisk, storageAccountType: sku } };
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
