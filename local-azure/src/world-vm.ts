/** Builder of VMs in the shape the service returns them (recorded in test_vm_trusted_launch). */
import type { JsonObject } from './json.ts';
import type { Resource } from './world.ts';
import { CREATED, type Place, resource } from './world-parts.ts';

interface VmParts {
  readonly name: string;
  readonly osType: 'Linux' | 'Windows';
  readonly vmId: string;
  readonly osDisk: Resource;
  readonly dataDisks: readonly Resource[];
  readonly nicId: string;
  /** Left out for a VM of standard security. */
  readonly securityType?: 'TrustedLaunch' | 'ConfidentialVM';
  /** In managed storage; off when left out, as `az vm create` leaves it. */
  readonly bootDiagnostics?: boolean;
  readonly tags?: Record<string, string>;
}

/** A running VM whose agent is ready, as `az vm create` makes it. */
export function virtualMachine(place: Place, parts: VmParts): Resource {
  const linux = parts.osType === 'Linux';
  const properties: JsonObject = {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    provisioningState: 'Succeeded',
    vmId: parts.vmId,
    storageProfile: {
      imageReference: linux
        ? marketplaceImage('canonical', 'ubuntu-24_04-lts', 'server', '24.04.202510240')
        : marketplaceImage(
            'MicrosoftWindowsServer',
            'WindowsServer',
            '2022-datacenter-g2',
            '20348.4294.251006',
          ),
      osDisk: {
        osType: parts.osType,
        name: parts.osDisk.name,
        createOption: 'FromImage',
        caching: 'ReadWrite',
        managedDisk: { storageAccountType: 'Premium_LRS', id: parts.osDisk.id },
        deleteOption: 'Detach',
        diskSizeGB: parts.osDisk.properties.diskSizeGB,
      },
      dataDisks: parts.dataDisks.map((each, lun) => ({
        lun,
        name: each.name,
        createOption: 'Attach',
        caching: 'None',
        managedDisk: { storageAccountType: 'Premium_LRS', id: each.id },
        deleteOption: 'Detach',
        diskSizeGB: each.properties.diskSizeGB,
        toBeDetached: false,
      })),
      diskControllerType: 'SCSI',
    },
    osProfile: {
      computerName: parts.name,
      adminUsername: 'azureuser',
      ...(linux ? { linuxConfiguration: LINUX } : { windowsConfiguration: WINDOWS }),
      secrets: [],
      allowExtensionOperations: true,
      requireGuestProvisionSignal: true,
    },
    ...(parts.securityType === undefined
      ? {}
      : {
          securityProfile: {
            uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
            securityType: parts.securityType,
          },
        }),
    networkProfile: {
      networkInterfaces: [{ id: parts.nicId, properties: { deleteOption: 'Detach' } }],
    },
    ...(parts.bootDiagnostics === true && {
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    }),
    instanceView: runningInstanceView(parts),
    timeCreated: CREATED,
  };
  const tags = parts.tags ?? {};
  const more = { tags, etag: '"2"' };
  return resource(place, 'Microsoft.Compute/virtualMachines', [parts.name], properties, more);
}

const LINUX: JsonObject = {
  disablePasswordAuthentication: true,
  provisionVMAgent: true,
  patchSettings: { patchMode: 'ImageDefault', assessmentMode: 'ImageDefault' },
};

const WINDOWS: JsonObject = {
  provisionVMAgent: true,
  enableAutomaticUpdates: true,
  patchSettings: { patchMode: 'AutomaticByOS', assessmentMode: 'ImageDefault' },
};

function marketplaceImage(
  publisher: string,
  offer: string,
  sku: string,
  exactVersion: string,
): JsonObject {
  return { publisher, offer, sku, version: 'latest', exactVersion };
}

function runningInstanceView(parts: VmParts): JsonObject {
  const linux = parts.osType === 'Linux';
  const provisioned = {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
    time: CREATED,
  };
  return {
    computerName: parts.name,
    osName: linux ? 'ubuntu' : 'Windows Server 2022 Datacenter',
    osVersion: linux ? '24.04' : '10.0.20348.4294',
    vmAgent: {
      vmAgentVersion: linux ? '2.15.0.1' : '2.7.41491.1183',
      statuses: [
        {
          code: 'ProvisioningState/succeeded',
          level: 'Info',
          displayStatus: 'Ready',
          message: 'Guest Agent is running',
          time: CREATED,
        },
      ],
      extensionHandlers: [],
    },
    disks: [parts.osDisk, ...parts.dataDisks].map(({ name }) => ({
      name,
      statuses: [provisioned],
    })),
    hyperVGeneration: 'V2',
    statuses: [
      provisioned,
      { code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' },
    ],
  };
}
