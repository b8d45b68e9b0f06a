/** Changing the model of an existing VM by PUT or PATCH. */
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { operationNotAllowed } from '../errors.ts';
import {
  ensureObject,
  isObject,
  type Json,
  type JsonObject,
  merged,
  objectAt,
  objectsAt,
  textAt,
} from '../json.ts';
import { refuseIfDeleting } from '../providers/vm-power.ts';
import type { Resource } from '../world.ts';
import { fillProfiles, spellDisks, spellReferences } from './filled.ts';
import { assignIdentities, nextIdentity } from './identity.ts';
import { isGeneralized, showBootDiagnostics, showDisks } from './instance-view.ts';
import { makeDisk } from './made-disks.ts';
import {
  attachDisks,
  detachDisks,
  diskEntries,
  diskIds,
  managedDiskId,
  nicEntries,
  touch,
} from './model.ts';
import { etagHeader, showVm } from './show.ts';
import { storageProfile } from './storage-profile.ts';
import { checkChange } from './update-refusals.ts';

/** What the service keeps although a PUT leaves it out (recorded in test_disk_controller_type). */
const KEPT_BY_PUT = [
  'vmId',
  'timeCreated',
  'instanceView',
  'hardwareProfile',
  'osProfile',
  'securityProfile',
  'networkProfile',
];

/** Updates by PUT: what the body leaves out goes, but for what the service keeps. */
export function putVm(arm: Arm, vm: Resource, request: ArmRequest): Reply {
  if (isGeneralized(vm)) throw refusal('update', vm);
  const given = objectAt(request.body, 'properties');
  const kept: JsonObject = {};
  for (const key of KEPT_BY_PUT) {
    if (vm.properties[key] !== undefined) kept[key] = vm.properties[key];
  }
  const properties: JsonObject = { ...kept, ...given };
  // A security type that is not sent again stays (recorded 2022-11, test_vm_trusted_launch_update).
  if (isObject(given.securityProfile)) {
    const { securityType } = objectAt(vm, 'properties', 'securityProfile');
    const before = securityType === undefined ? {} : { securityType };
    properties.securityProfile = { ...before, ...given.securityProfile };
  }
  // What an older client does not know of its OS profile is not lost (recorded 2019 and 2020).
  if (isObject(given.osProfile)) {
    properties.osProfile = merged(objectAt(vm, 'properties', 'osProfile'), given.osProfile);
  }
  spellReferences(properties);
  fillProfiles(properties, vm.properties);
  completeNics(vm, properties);
  completeDiagnostics(vm, properties);
  const isTrusted = objectAt(given, 'securityProfile').securityType === 'TrustedLaunch';
  // Trusted Launch turns a VM of the first generation into one of the second (recorded).
  if (isTrusted) ensureObject(vm.properties, 'instanceView').hyperVGeneration = 'V2';
  properties.storageProfile = storageProfile(
    arm,
    vm,
    objectAt(given, 'storageProfile'),
    request.apiVersion,
  );
  const { tags, plan, zones } = request.body;
  const next: Resource = { ...vm, properties, tags: tags ?? {} };
  if (plan !== undefined) next.plan = plan;
  withIdentity(arm, next, request.body.identity);
  if (zones !== undefined) next.zones = zones;
  return apply(arm, vm, next, request, 'PUT');
}

/** Updates by PATCH: properties merge; whether tags do is not known (`patchOfTags`). */
export function patchVm(arm: Arm, vm: Resource, request: ArmRequest): Reply {
  refuseIfDeleting(vm, 'update');
  if (isGeneralized(vm) && arm.unknowns.patchOfGeneralizedVm === 'refused') {
    throw refusal('update', vm);
  }
  spellDisks(objectAt(request.body, 'properties', 'storageProfile'));
  const { tags, properties, identity, ...others } = request.body;
  const next: Resource = { ...vm, ...others, id: vm.id, name: vm.name, type: vm.type };
  withIdentity(arm, next, identity);
  const given = isObject(properties) ? properties : {};
  next.properties = merged(vm.properties, given);
  // Disks are completed, added and detached as by PUT (recorded 2019-12, azure-libraries-for-net).
  if (isObject(given.storageProfile)) {
    const profile = storageProfile(arm, vm, given.storageProfile, request.apiVersion);
    next.properties.storageProfile = profile;
  }
  spellReferences(next.properties);
  fillProfiles(next.properties, vm.properties);
  if (isObject(tags)) {
    const old = objectAt(vm, 'tags');
    next.tags = arm.unknowns.patchOfTags === 'merge' ? merged(old, tags) : tags;
  }
  return apply(arm, vm, next, request, 'PATCH');
}

/** What becomes of a NIC with the VM stays as it was, unless it is said anew (recorded). */
function completeNics(vm: Resource, properties: JsonObject): void {
  keepMadeNics(vm, properties);
  for (const nic of objectsAt(properties, 'networkProfile', 'networkInterfaces')) {
    const same = nicEntries(vm).find(
      ({ id }) => typeof id === 'string' && sameId(id, textAt(nic, 'id') ?? ''),
    );
    const { deleteOption } = objectAt(same, 'properties');
    if (!isObject(nic.properties) || deleteOption === undefined) continue;
    nic.properties = { deleteOption, ...nic.properties };
  }
}

/** Interfaces that came with the VM are described no more: they stay as they are (inferred). */
function keepMadeNics(vm: Resource, properties: JsonObject): void {
  const sent = properties.networkProfile;
  if (!isObject(sent) || sent.networkInterfaceConfigurations === undefined) return;
  const { networkInterfaceConfigurations: _, ...others } = sent;
  properties.networkProfile = { networkInterfaces: nicEntries(vm), ...others };
}

/** Where boot diagnostics go is kept, even by an update that switches them off (recorded). */
function completeDiagnostics(vm: Resource, properties: JsonObject): void {
  const sent = properties.diagnosticsProfile;
  if (!isObject(sent) || !isObject(sent.bootDiagnostics)) return;
  const { storageUri } = objectAt(vm, 'properties', 'diagnosticsProfile', 'bootDiagnostics');
  const kept = storageUri === undefined ? {} : { storageUri };
  properties.diagnosticsProfile = {
    ...sent,
    bootDiagnostics: { ...kept, ...sent.bootDiagnostics },
  };
}

function withIdentity(arm: Arm, next: Resource, sent: Json | undefined): void {
  if (isObject(sent)) next.identity = nextIdentity(arm, objectAt(next, 'identity'), sent);
}

/**
 * API version since which a change of tags alone, or none at all, takes no operation: it is
 * `Updating` and succeeds a second later (recorded with 2021-07-01, not with 2020-06-01).
 */
const silentSince = '2021-03-01';

/** Checks a change, makes it and answers. */
function apply(
  arm: Arm,
  vm: Resource,
  next: Resource,
  request: ArmRequest,
  method: 'PUT' | 'PATCH',
): Reply {
  checkChange(arm, vm, next);
  const staying = diskIds({ ...next, properties: withoutDetached(next.properties) });
  const released = diskIds(vm).filter((id) => !staying.some((other) => sameId(id, other)));
  // User data is not looked into: sending it is a change (recorded).
  const isSame =
    contentOf(vm) === contentOf(next) &&
    objectAt(request.body, 'properties').userData === undefined;
  swapContents(arm, vm, next);
  Object.assign(vm, next);
  touch(vm);
  vm.properties.provisioningState = 'Updating';
  const succeed = (): undefined => {
    diskEntries(vm).forEach((entry, index) => {
      const isNew = entry.createOption === 'Empty' && managedDiskId(entry) === undefined;
      const origin = { properties: {}, sizeGB: 32, part: `disk${index + 1}` };
      if (isNew && entry.vhd === undefined) makeDisk(arm, vm, entry, origin);
    });
    vm.properties = withoutDetached(vm.properties);
    detachDisks(arm.world, released, arm.now());
    attachDisks(arm.world, vm, arm.now());
    assignIdentities(arm, vm);
    showBootDiagnostics(vm);
    showDisks(vm, arm.now());
    vm.properties.provisioningState = 'Succeeded';
  };
  const body = showVm(vm, request.query, arm.now());
  const headers = etagHeader(body, request.query);
  if (isSame && request.apiVersion >= silentSince && request.fault === undefined) {
    const key = { name: `${method} virtualMachines [no change]`, resource: vm.id };
    arm.timeline.after(arm.operations.secondsFor(key, 1), succeed);
    return { status: 200, body, headers };
  }
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: `${method} virtualMachines`,
    resource: vm.id,
    retryAfter: { first: 10, poll: 30 },
    onEnd: succeed,
    onFault: () => {
      vm.properties.provisioningState = 'Failed';
    },
  });
  const reply = operation.reply(200, structuredClone(body));
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** Another OS disk brings another guest. */
function swapContents(arm: Arm, vm: Resource, next: Resource): void {
  const [was, is] = [vm, next].map((each) =>
    textAt(each, 'properties', 'storageProfile', 'osDisk', 'managedDisk', 'id'),
  );
  if (is !== undefined && was !== undefined && !sameId(was, is)) arm.contents.swap(vm, is);
}

/** The properties without the data disks that are to be detached. */
function withoutDetached(properties: JsonObject): JsonObject {
  const profile = objectAt(properties, 'storageProfile');
  const stay = objectsAt(profile, 'dataDisks').filter(({ toBeDetached }) => toBeDetached !== true);
  if (stay.length === objectsAt(profile, 'dataDisks').length) return properties;
  return { ...properties, storageProfile: { ...profile, dataDisks: stay } };
}

/** All of a VM whose change takes an operation: its tags do not. */
function contentOf({ properties, identity, plan, zones }: Resource): string {
  const { provisioningState: _, instanceView: __, ...content } = properties;
  return JSON.stringify({ content, identity, plan, zones }, (_key, value) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value,
  );
}

function refusal(operation: string, vm: Resource): Error {
  return operationNotAllowed(
    `Operation '${operation}' is not allowed on VM '${vm.name}' since the VM is generalized.`,
  );
}
