/** Good writes of VMs, disks and what is made of them. */
import type { JsonObject } from '../src/json.ts';
import {
  compute,
  copy,
  dataDisk,
  disks,
  type GoodWrite,
  key,
  location,
  nic,
  osDisk,
  set,
  tags,
  vm,
  vms,
} from './good-ids.ts';

/** Body of a VM of its own, from a marketplace image. */
const machine: JsonObject = {
  location,
  tags,
  zones: ['1'],
  identity: { type: 'SystemAssigned' },
  properties: {
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: {
      imageReference: {
        publisher: 'Canonical',
        offer: 'ubuntu-24_04-lts',
        sku: 'server',
        version: 'latest',
      },
      osDisk: {
        name: 'os',
        createOption: 'FromImage',
        caching: 'ReadWrite',
        diskSizeGB: 40,
        deleteOption: 'Delete',
        managedDisk: { storageAccountType: 'Premium_LRS' },
      },
      dataDisks: [{ lun: 0, createOption: 'Empty', diskSizeGB: 8, name: 'data' }],
    },
    osProfile: {
      computerName: 'new',
      adminUsername: 'azureuser',
      linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys: [] } },
    },
    networkProfile: { networkInterfaces: [{ id: nic, properties: { primary: true } }] },
    securityProfile: { securityType: 'TrustedLaunch', uefiSettings: { secureBootEnabled: true } },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    priority: 'Regular',
    userData: 'aGVsbG8=',
  },
};

const script = { script: ['true'], parameters: [{ name: 'a', value: 'b' }] };

export const goodMachines: readonly GoodWrite[] = [
  {
    method: 'PUT',
    path: compute('virtualMachines', 'new'),
    apiVersion: vms,
    body: machine,
  },
  {
    method: 'PATCH',
    path: vm,
    apiVersion: vms,
    body: {
      tags,
      identity: { type: 'None' },
      properties: { hardwareProfile: { vmSize: 'Standard_D4s_v5' }, userData: 'eA==' },
    },
  },
  {
    method: 'POST',
    path: `${vm}/runCommand`,
    apiVersion: vms,
    body: { commandId: 'RunShellScript', ...script },
  },
  {
    method: 'POST',
    path: `${vm}/attachDetachDataDisks`,
    apiVersion: vms,
    body: {
      dataDisksToAttach: [{ diskId: compute('disks', 'spare'), lun: 5 }],
      dataDisksToDetach: [{ diskId: dataDisk, detachOption: 'ForceDetach' }],
    },
  },
  {
    method: 'POST',
    path: `${vm}/installPatches`,
    apiVersion: vms,
    body: { maximumDuration: 'PT1H', rebootSetting: 'Never', linuxParameters: {} },
  },
  {
    method: 'PUT',
    path: `${vm}/runCommands/new`,
    apiVersion: vms,
    body: {
      location,
      tags,
      properties: {
        source: { script: 'true' },
        parameters: [{ name: 'a', value: 'b' }],
        asyncExecution: true,
        timeoutInSeconds: 60,
        treatFailureAsDeploymentFailure: false,
      },
    },
  },
  {
    method: 'PUT',
    path: compute('disks', 'new'),
    apiVersion: disks,
    body: {
      location,
      tags,
      zones: ['1'],
      sku: { name: 'Premium_LRS' },
      properties: {
        creationData: { createOption: 'Empty' },
        diskSizeGB: 32,
        osType: 'Linux',
        hyperVGeneration: 'V2',
        networkAccessPolicy: 'AllowAll',
        publicNetworkAccess: 'Enabled',
        maxShares: 1,
        burstingEnabled: false,
        encryption: { type: 'EncryptionAtRestWithPlatformKey' },
        securityProfile: { securityType: 'TrustedLaunch' },
        supportedCapabilities: { architecture: 'x64' },
      },
    },
  },
  {
    method: 'PATCH',
    path: dataDisk,
    apiVersion: disks,
    body: { tags, sku: { name: 'Premium_LRS' }, properties: { diskSizeGB: 64, tier: 'P10' } },
  },
  {
    method: 'POST',
    path: `${compute('disks', 'spare')}/beginGetAccess`,
    apiVersion: disks,
    body: { access: 'Read', durationInSeconds: 60, fileFormat: 'VHD' },
  },
  {
    method: 'PUT',
    path: compute('snapshots', 'new'),
    apiVersion: disks,
    body: {
      location,
      tags,
      sku: { name: 'Standard_ZRS' },
      properties: { creationData: copy, incremental: true, networkAccessPolicy: 'DenyAll' },
    },
  },
  {
    method: 'PATCH',
    path: compute('snapshots', 'old'),
    apiVersion: disks,
    body: { tags, properties: { networkAccessPolicy: 'AllowAll' } },
  },
  {
    method: 'PUT',
    path: compute('images', 'new'),
    apiVersion: vms,
    body: {
      location,
      tags,
      properties: {
        hyperVGeneration: 'V2',
        storageProfile: {
          zoneResilient: false,
          osDisk: {
            osType: 'Linux',
            osState: 'Generalized',
            managedDisk: { id: osDisk },
            diskSizeGB: 64,
            caching: 'ReadOnly',
          },
          dataDisks: [{ lun: 0, managedDisk: { id: dataDisk } }],
        },
      },
    },
  },
  {
    method: 'PUT',
    path: set,
    apiVersion: disks,
    body: {
      location,
      tags,
      identity: { type: 'SystemAssigned' },
      properties: { activeKey: key, encryptionType: 'EncryptionAtRestWithCustomerKey' },
    },
  },
  {
    method: 'PUT',
    path: compute('virtualMachineScaleSets', 'new'),
    apiVersion: vms,
    body: {
      location,
      sku: { name: 'Standard_D2s_v5', capacity: 2 },
      properties: {
        virtualMachineProfile: {
          storageProfile: { imageReference: { publisher: 'Canonical', offer: 'o', sku: 's' } },
        },
      },
    },
  },
];
