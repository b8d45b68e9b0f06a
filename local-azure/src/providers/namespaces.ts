/** The resource providers of a subscription, their types and some of their api-versions. */

/** A provider namespace: its resource types, each with api-versions, newest first. */
interface Namespace {
  readonly name: string;
  readonly types: readonly (readonly [type: string, apiVersions: readonly string[]])[];
}

const VM = ['2026-04-01', '2025-04-01', '2024-11-01', '2024-07-01', '2024-03-01', '2022-11-01'];
const GALLERY = [
  '2026-03-03',
  '2025-12-03',
  '2025-03-03',
  '2024-03-03',
  '2023-07-03',
  '2021-10-01',
];
const DISK = ['2026-03-02', '2025-01-02', '2024-03-02', '2023-10-02', '2023-04-02'];
const IDENTITY = ['2025-01-31-preview', '2024-11-30', '2023-01-31'];
const SKU = ['2021-07-01', '2019-04-01'];
const NETWORK = ['2025-01-01', '2024-05-01', '2024-03-01', '2023-11-01'];

/** The namespaces served here (newest versions). */
export const NAMESPACES: readonly Namespace[] = [
  {
    name: 'Microsoft.Compute',
    types: [
      ['virtualMachines', VM],
      ['virtualMachines/runCommands', VM],
      ['images', VM],
      ['locations/usages', VM],
      ['locations/vmSizes', VM],
      ['locations/operations', VM],
      ['disks', DISK],
      ['snapshots', DISK],
      ['diskAccesses', DISK],
      ['diskEncryptionSets', DISK],
      ['locations/diskOperations', DISK],
      ['galleries', GALLERY],
      ['galleries/images', GALLERY],
      ['galleries/images/versions', GALLERY],
      ['locations/capsOperations', GALLERY],
      ['skus', SKU],
      ['virtualMachineScaleSets', VM],
      ['virtualMachineScaleSets/virtualMachines', VM],
      ['locations/publishers', VM],
      ['locations/sharedGalleries', GALLERY],
      ['locations/communityGalleries', GALLERY],
    ],
  },
  {
    name: 'Microsoft.Network',
    types: [
      ['networkInterfaces', NETWORK],
      ['virtualNetworks', NETWORK],
      ['publicIPAddresses', NETWORK],
      ['networkSecurityGroups', NETWORK],
      ['loadBalancers', NETWORK],
    ],
  },
  { name: 'Microsoft.Storage', types: [['storageAccounts', ['2025-06-01', '2024-01-01']]] },
  {
    name: 'Microsoft.ManagedIdentity',
    types: [
      ['userAssignedIdentities', IDENTITY],
      ['userAssignedIdentities/federatedIdentityCredentials', IDENTITY],
    ],
  },
  { name: 'Microsoft.PolicyInsights', types: [['checkPolicyRestrictions', ['2023-03-01']]] },
  { name: 'Microsoft.Resources', types: [['deployments', ['2025-04-01', '2024-11-01']]] },
  {
    name: 'Microsoft.Authorization',
    types: [
      ['permissions', ['2022-04-01']],
      ['locks', ['2020-05-01']],
      ['roleAssignments', ['2022-04-01']],
      ['roleDefinitions', ['2022-04-01']],
    ],
  },
];

/** The namespace of that name in any case, or undefined. */
export function findNamespace(name: string): Namespace | undefined {
  return NAMESPACES.find((each) => each.name.toLowerCase() === name.toLowerCase());
}
