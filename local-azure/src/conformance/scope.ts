/**
 * What the local Azure does not model, by resource type: the action neither touches these nor
 * reads anything from them that a stand-in could not give. An entry covers the types nested in it.
 */
const outOfScope: readonly { readonly type: string; readonly why: string }[] = [
  { type: 'Microsoft.Network', why: 'networking is served only as far as a VM refers to it' },
  { type: 'Microsoft.Storage', why: 'storage accounts hold VHDs, which the action never reads' },
  { type: 'Microsoft.KeyVault', why: 'keys are behind a disk encryption set' },
  { type: 'Microsoft.ManagedIdentity', why: 'identities are only referred to' },
  { type: 'Microsoft.Resources', why: 'template deployments are not used by the action' },
  { type: 'Microsoft.Authorization', why: 'roles are asked for, but none of them is recorded' },
  { type: '*', why: 'any other provider: metrics, workspaces, schedules, backups, Image Builder' },
  { type: 'Microsoft.Compute/skus', why: 'the catalogue of sizes, part by part too large' },
  { type: 'Microsoft.Compute/locations/vmSizes', why: 'an older catalogue of sizes' },
  { type: 'Microsoft.Compute/virtualMachines/vmSizes', why: 'sizes that a VM can be given' },
  { type: 'Microsoft.Compute/locations/usages', why: 'how much of a quota is used' },
  { type: 'Microsoft.Compute/locations/runCommands', why: 'the texts of built-in scripts' },
  { type: 'Microsoft.Compute/virtualMachineScaleSets', why: 'no scale sets' },
  { type: 'Microsoft.Compute/virtualMachines/extensions', why: 'no VM extensions' },
  { type: 'Microsoft.Compute/availabilitySets', why: 'only referred to by VMs' },
  { type: 'Microsoft.Compute/proximityPlacementGroups', why: 'only referred to by VMs' },
  { type: 'Microsoft.Compute/hostGroups', why: 'only referred to by VMs' },
  { type: 'Microsoft.Compute/capacityReservationGroups', why: 'only referred to by VMs' },
  { type: 'Microsoft.Compute/sshPublicKeys', why: 'only referred to by VMs' },
  { type: 'Microsoft.Compute/restorePointCollections', why: 'snapshots are used instead' },
  { type: 'Microsoft.Compute/diskEncryptionSets/associatedResources', why: 'who uses a set' },
  { type: 'Microsoft.Compute/cloudServices', why: 'no cloud services' },
  { type: 'Microsoft.Compute/galleries/applications', why: 'VM applications are not images' },
  { type: 'Microsoft.Compute/galleries/serviceArtifacts', why: 'they are for scale sets' },
  {
    type: 'Microsoft.Compute/galleries/inVMAccessControlProfiles',
    why: 'access control profiles are not images',
  },
  {
    type: 'Microsoft.Compute/locations/sharedGalleries',
    why: 'the consumer view of a gallery that another subscription shares',
  },
  {
    type: 'Microsoft.Compute/locations/communityGalleries',
    why: 'the consumer view of a public gallery',
  },
  { type: 'Microsoft.Compute/locations/publishers', why: 'the marketplace catalogue' },
  { type: '', why: 'subscriptions, resource groups and provider registrations' },
];

/** Whether exchanges about this resource type are left out of the comparison. */
export function isOutOfScope(type: string): boolean {
  const wanted = type.toLowerCase();
  return outOfScope.some((entry) => {
    const covered = entry.type.toLowerCase();
    if (covered === '') return wanted === '' || !wanted.includes('/');
    if (covered === '*') return !wanted.startsWith('microsoft.compute/');
    return wanted === covered || wanted.startsWith(`${covered}/`);
  });
}
