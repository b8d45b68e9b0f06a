/** A VM's instance view: power, OS and agent state, found by the prefix of their status codes. */
import { stamp } from '../clock.ts';
import type { ErrorBody } from '../errors.ts';
import { ensureObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import type { Resource } from '../world.ts';

/** `PowerState/*` codes (states-billing.md). */
export type PowerState =
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'deallocating'
  | 'deallocated';

/** The VM's power state; a world file's VM without one is taken to be running. */
export function powerOf(vm: Resource): PowerState {
  const prefix = 'PowerState/';
  const code = statuses(vm)
    .map((status) => textAt(status, 'code') ?? '')
    .find((each) => each.startsWith(prefix));
  return (code?.slice(prefix.length) ?? 'running') as PowerState;
}

/** Whether the VM has been marked as generalized, for which there is no way back. */
export function isGeneralized(vm: Resource): boolean {
  return statuses(vm).some((status) => textAt(status, 'code') === 'OSState/generalized');
}

/** Whether the guest agent reports itself ready; taken to be where a world file is silent. */
export function isAgentReady(vm: Resource): boolean {
  if (vm.properties.instanceView === undefined) return true;
  const agent = objectsAt(vm, 'properties', 'instanceView', 'vmAgent', 'statuses');
  return agent.some((status) => textAt(status, 'displayStatus') === 'Ready');
}

/**
 * Changes the power state. A deallocated VM shows neither agent nor OS (recorded). A guest that stops
 * by itself is no operation, so that the time of the last one stays: inferred; leave `now` out then.
 */
export function setPower(vm: Resource, state: PowerState, now?: number): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const codeOf = (status: JsonObject) => textAt(status, 'code') ?? '';
  const os = statuses(vm).filter((status) => codeOf(status).startsWith('OSState/'));
  const last = statuses(vm).filter((status) => codeOf(status).startsWith('ProvisioningState/'));
  const power = { code: `PowerState/${state}`, level: 'Info', displayStatus: `VM ${state}` };
  view.statuses = [...os, ...(now === undefined ? last : [provisioned(now)]), power];
  if (state !== 'deallocated') return;
  for (const gone of ['computerName', 'osName', 'osVersion', 'vmAgent', 'extensions']) {
    delete view[gone];
  }
}

/** The VM has power, and is still being made (form: azure-docs, states-billing). */
export function setCreating(vm: Resource): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const creating = { code: 'ProvisioningState/creating', level: 'Info', displayStatus: 'Creating' };
  const others = statuses(vm).filter(
    (status) => !textAt(status, 'code')?.startsWith('ProvisioningState/'),
  );
  const at = others.findIndex((status) => textAt(status, 'code')?.startsWith('PowerState/'));
  view.statuses = others.toSpliced(Math.max(at, 0), 0, creating);
}

/** An operation on the VM, or on an extension of it, has ended now (recorded of extensions). */
export function setLastOperation(vm: Resource, now: number): void {
  const view = ensureObject(vm.properties, 'instanceView');
  view.statuses = statuses(vm).map((status) =>
    textAt(status, 'code')?.startsWith('ProvisioningState/') ? provisioned(now) : status,
  );
}

/** Marks the VM as generalized; that status comes first (recorded). */
export function setGeneralized(vm: Resource): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const mark = { code: 'OSState/generalized', level: 'Info', displayStatus: 'VM generalized' };
  const others = statuses(vm).filter((status) => !textAt(status, 'code')?.startsWith('OSState/'));
  view.statuses = [mark, ...others];
}

/** Says that the VM is of a specialized image (recorded in test_specialized_image). */
export function setSpecialized(vm: Resource): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const mark = { code: 'OSState/specialized', level: 'Info', displayStatus: 'VM specialized' };
  view.statuses = [mark, ...statuses(vm)];
}

/** The agent reports: it is ready, and which OS it runs in. */
export function setAgentReady(vm: Resource, now: number): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const linux = textAt(vm, 'properties', 'storageProfile', 'osDisk', 'osType') !== 'Windows';
  view.computerName = textAt(vm, 'properties', 'osProfile', 'computerName') ?? vm.name;
  view.osName = linux ? 'ubuntu' : 'Windows Server 2022 Datacenter';
  view.osVersion = linux ? '24.04' : '10.0.20348.4294';
  view.vmAgent = {
    vmAgentVersion: linux ? '2.15.0.1' : '2.7.41491.1183',
    statuses: [
      {
        code: 'ProvisioningState/succeeded',
        level: 'Info',
        displayStatus: 'Ready',
        message: 'Guest Agent is running',
        time: stamp(now),
      },
    ],
    extensionHandlers: [],
  };
}

/** The agent has not reported yet, or no longer does (recorded in test_specialized_image). */
export function setAgentUnavailable(vm: Resource, now: number): void {
  const view = ensureObject(vm.properties, 'instanceView');
  view.vmAgent = {
    vmAgentVersion: 'Unknown',
    statuses: [
      {
        code: 'ProvisioningState/Unavailable',
        level: 'Warning',
        displayStatus: 'Not Ready',
        message: 'VM status blob is found but not yet populated.',
        time: stamp(now),
      },
    ],
  };
}

/** What the platform knows of the disks and the generation, for a VM that is being made. */
export function firstInstanceView(vm: Resource, generation: string, now: number): void {
  vm.properties.instanceView = { hyperVGeneration: generation, statuses: [] };
  showDisks(vm, now);
}

/**
 * The VM could not be made: it stays, and says why. (Form: `ProvisioningState/failed/OSProvisioningTimedOut`
 * in azure-docs, troubleshoot-vm-by-use-nested-virtualization and others' issues.) One that was not
 * allocated has no power state; one whose system did not report runs.
 */
export function showFailure(vm: Resource, error: ErrorBody, now: number): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const { code, message } = error;
  const failed: JsonObject = {
    code: `ProvisioningState/failed/${code}`,
    level: 'Error',
    displayStatus: 'Provisioning failed',
    message,
    time: stamp(now),
  };
  const runs = /^OSProvisioning/.test(code);
  const power = { code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' };
  view.statuses = [failed, ...(runs ? [power] : [])];
}

/** The instance view lists the disks the VM has, as its model does (recorded, also of VHDs). */
export function showDisks(vm: Resource, now: number): void {
  const view = ensureObject(vm.properties, 'instanceView');
  const os = objectAt(vm, 'properties', 'storageProfile', 'osDisk');
  const disks = [os, ...objectsAt(vm, 'properties', 'storageProfile', 'dataDisks')];
  const before = objectsAt(view, 'disks');
  view.disks = disks.map((disk) => {
    const name = textAt(disk, 'name') ?? '';
    return before.find((each) => each.name === name) ?? { name, statuses: [provisioned(now)] };
  });
}

/**
 * The instance view of a VM that is being updated says so instead of when it was provisioned
 * (recorded 2023-03, test_vm_aem_configure).
 */
export function viewWhileUpdating(view: JsonObject): JsonObject {
  const updating = { code: 'ProvisioningState/updating', level: 'Info', displayStatus: 'Updating' };
  return {
    ...view,
    statuses: objectsAt(view, 'statuses').map((status) =>
      textAt(status, 'code')?.startsWith('ProvisioningState/') ? updating : status,
    ),
  };
}

/** The instance view says where boot diagnostics are, when that is not the platform's own storage. */
export function showBootDiagnostics(vm: Resource): void {
  const settings = objectAt(vm, 'properties', 'diagnosticsProfile', 'bootDiagnostics');
  const view = ensureObject(vm.properties, 'instanceView');
  delete view.bootDiagnostics;
  if (settings.enabled !== true) return;
  const home = textAt(settings, 'storageUri');
  if (home === undefined) {
    view.bootDiagnostics = {};
    return;
  }
  const id = textAt(vm, 'properties', 'vmId') ?? '';
  const base = `${home}bootdiagnostics-${vm.name.slice(0, 9)}-${id}/${vm.name}.${id}`;
  view.bootDiagnostics = {
    consoleScreenshotBlobUri: `${base}.screenshot.bmp`,
    serialConsoleLogBlobUri: `${base}.serialconsole.log`,
  };
}

/** The generation the platform knows the VM to be of. */
export function generationOf(vm: Resource): string | undefined {
  return textAt(vm, 'properties', 'instanceView', 'hyperVGeneration');
}

/** The properties of the instance view as its own GET answers them. */
export function instanceViewOf(vm: Resource): JsonObject {
  return objectAt(vm, 'properties', 'instanceView');
}

function statuses(vm: Resource): JsonObject[] {
  return objectsAt(vm, 'properties', 'instanceView', 'statuses');
}

function provisioned(now: number): JsonObject {
  return {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
    time: stamp(now),
  };
}
