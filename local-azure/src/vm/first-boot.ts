/** What becomes of a new VM whose image is of somebody's own: it boots, is provisioned, or is not. */
import type { Arm } from '../arm.ts';
import type { ErrorBody } from '../errors.ts';
import { isObject, objectsAt, textAt } from '../json.ts';
import type { Outcome } from '../operations.ts';
import type { Resource } from '../world.ts';
import type { Content } from './contents.ts';
import { setCreating, setPower, showFailure } from './instance-view.ts';
import type { Machine } from './machine.ts';

/** Seconds that Azure waits for a guest to say that it is provisioned (WALinuxAgent#664: 40 minutes). */
const PATIENCE_SECONDS = 40 * 60;
/** Seconds until a new VM has power: the median of all recorded PUTs of VMs. */
const POWER_SECONDS = 7.8;
/**
 * Seconds from the start of a new VM until its guest has told the platform that it is provisioned:
 * invented. (Of all recorded PUTs of VMs a tenth took more than 28.)
 */
const BOOT_SECONDS = 30;
const WINDOWS_BOOT_SECONDS = 90;

/** A first boot, and the operation that waits for it. */
interface FirstBoot {
  /** How long the operation takes. */
  readonly seconds: number;
  /** The operation has been started, and takes so long: what happens until its end is planned. */
  begin(seconds: number): void;
  /** Its end. */
  end(): Outcome | undefined;
}

/** Begins the first boot of a VM of a version, a managed image, or a disk that holds one. */
export function firstBoot(arm: Arm, machine: Machine, vm: Resource, content: Content): FirstBoot {
  const profile = vm.properties.osProfile;
  const isProvisioned = isObject(profile);
  const isReported = machine.os.install(content, {
    vmId: textAt(vm, 'properties', 'vmId') ?? '',
    computerName: textAt(profile, 'computerName') ?? vm.name,
    ...(isProvisioned && { adminUsername: textAt(profile, 'adminUsername') ?? '' }),
    publicKeys: objectsAt(profile, 'linuxConfiguration', 'ssh', 'publicKeys').map(
      (key) => textAt(key, 'keyData') ?? '',
    ),
  });
  const os = textAt(vm, 'properties', 'storageProfile', 'osDisk', 'osType');
  const usual = os === 'Windows' ? WINDOWS_BOOT_SECONDS : BOOT_SECONDS;
  const bootSeconds = machine.os.behaviour.bootSeconds ?? usual;
  const reported = isReported ? bootSeconds : undefined;
  const isInTime = reported !== undefined && reported <= PATIENCE_SECONDS;
  const succeed = (): void => {
    vm.properties.provisioningState = 'Succeeded';
    setPower(vm, 'running', arm.now());
  };
  return {
    // Nothing is waited for that is not provisioned (recorded of specialized images).
    seconds: isProvisioned ? (isInTime ? reported : PATIENCE_SECONDS) : POWER_SECONDS,
    begin: (seconds) => {
      const power = Math.min(POWER_SECONDS, seconds / 2);
      arm.timeline.after(power, () => {
        if (!isThere(arm, vm)) return;
        setPower(vm, 'running');
        setCreating(vm);
        machine.powerOnFirst(
          Math.max(0, (isInTime && isProvisioned ? seconds : bootSeconds) - power),
        );
      });
      // "The VM may still finish provisioning successfully."
      if (isProvisioned && reported !== undefined && !isInTime)
        arm.timeline.after(reported, () => {
          if (isThere(arm, vm)) succeed();
        });
    },
    end: () => {
      if (!isThere(arm, vm)) return { status: 'Canceled', error: preempted };
      if (!isProvisioned || isInTime) {
        succeed();
        return undefined;
      }
      const error = timedOut(vm.name, machine.os.hasAgent);
      vm.properties.provisioningState = 'Failed';
      showFailure(vm, error, arm.now());
      return { error };
    },
  };
}

/** Whether the VM is still that one, and nobody is deleting it. */
function isThere(arm: Arm, vm: Resource): boolean {
  return arm.world.get(vm.id) === vm && vm.properties.provisioningState !== 'Deleting';
}

/** (azure-rest-api-specs#22434.) */
const preempted: ErrorBody = {
  code: 'OperationPreempted',
  message: 'Operation execution has been preempted by a more recent operation.',
};

/** (azure-docs#38609; runner-images#9659.) */
function timedOut(name: string, hasAgent: boolean): ErrorBody {
  const guides =
    '\r\n * Instructions for Windows: ' +
    'https://azure.microsoft.com/documentation/articles/virtual-machines-windows-upload-image/ ' +
    '\r\n * Instructions for Linux: ' +
    'https://azure.microsoft.com/documentation/articles/virtual-machines-linux-capture-image/ ';
  const cause = hasAgent
    ? 'However, the VM guest agent was detected running. This suggests the guest OS has not been ' +
      'properly prepared to be used as a VM image (with CreateOption=FromImage). To resolve this ' +
      'issue, either use the VHD as is with CreateOption=Attach or prepare it properly for use as an ' +
      `image:${guides}`
    : 'The VM may still finish provisioning successfully. Please check provisioning state later. ' +
      `Also, make sure the image has been properly prepared (generalized).${guides}`;
  const message = `OS Provisioning for VM '${name}' did not finish in the allotted time. ${cause}`;
  return { code: 'OSProvisioningTimedOut', message };
}
