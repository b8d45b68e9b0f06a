/**
 * `POST virtualMachines/{vm}/capture`: the old way to an image, as VHDs in the VM's own storage
 * account, whose result is a template (recorded in test_vm_generalize).
 */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { operationNotAllowed } from '../errors.ts';
import { type JsonObject, objectAt, textAt } from '../json.ts';
import { isGeneralized } from '../vm/instance-view.ts';
import { requireVm } from '../vm/show.ts';
import type { Resource } from '../world.ts';

/** Seconds: median of recorded ones. */
const captureSeconds = 0.2;

/** Registers the action. */
export function registerVmCapture(arm: Arm): void {
  arm.route(
    'POST',
    inGroup('Microsoft.Compute/virtualMachines/{vm}/capture'),
    'recordings',
    (request) => {
      const vm = requireVm(arm, request);
      if (!isGeneralized(vm)) {
        // Wording invented after its siblings.
        throw operationNotAllowed(
          `Operation 'capture' is not allowed on VM '${vm.name}' since the VM is not generalized.`,
        );
      }
      return capture(arm, request, vm);
    },
  );
}

function capture(arm: Arm, request: ArmRequest, vm: Resource): Reply {
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: 'POST virtualMachines/capture',
    resource: vm.id,
    seconds: captureSeconds,
    onEnd: () => ({ output: template(arm, request, vm) }),
  });
  return operation.reply(202, undefined, { location: true });
}

function template(arm: Arm, request: ArmRequest, vm: Resource): JsonObject {
  const osDisk = objectAt(vm, 'properties', 'storageProfile', 'osDisk');
  const account = new URL(textAt(osDisk, 'vhd', 'uri') ?? 'https://account.blob.core.windows.net');
  const prefix = textAt(request.body, 'vhdPrefix') ?? '';
  const container = textAt(request.body, 'destinationContainerName') ?? 'vhds';
  const name = `${prefix}-osDisk.${textAt(vm, 'properties', 'vmId')}.vhd`;
  const next = arm.random.uuid();
  const machine: JsonObject = {
    name: "[parameters('vmName')]",
    type: 'Microsoft.Compute/virtualMachines',
    location: vm.location,
    apiVersion: request.apiVersion,
    properties: {
      hardwareProfile: { vmSize: "[parameters('vmSize')]" },
      provisioningState: 0,
      storageProfile: {
        osDisk: {
          osType: osDisk.osType,
          name,
          createOption: 'FromImage',
          image: { uri: `${account.origin}/system/Microsoft.Compute/Images/${container}/${name}` },
          vhd: { uri: `${account.origin}/vmcontainer${next}/osDisk.${next}.vhd` },
          caching: osDisk.caching,
        },
      },
      osProfile: {
        computerName: "[parameters('vmName')]",
        adminUsername: "[parameters('adminUsername')]",
        adminPassword: "[parameters('adminPassword')]",
      },
      networkProfile: { networkInterfaces: [{ id: "[parameters('networkInterfaceId')]" }] },
    },
  };
  return {
    $schema: 'http://schema.management.azure.com/schemas/2014-04-01-preview/VM_IP.json',
    contentVersion: '1.0.0.0',
    parameters: {
      vmName: { type: 'string' },
      vmSize: {
        type: 'string',
        defaultValue: textAt(vm, 'properties', 'hardwareProfile', 'vmSize'),
      },
      adminUserName: { type: 'string' },
      adminPassword: { type: 'securestring' },
      networkInterfaceId: { type: 'string' },
    },
    resources: [machine],
  };
}
