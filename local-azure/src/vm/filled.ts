/** What the service makes of a VM's properties as they were sent: its own spelling, its defaults. */
import { withCapitalGroup } from '../arm-id.ts';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';

/** Words that the service writes in its own spelling, however they were sent. */
const spellings = new Map(
  ['FromImage', 'Empty', 'Attach', 'Copy', 'Restore', 'None', 'ReadOnly', 'ReadWrite'].map(
    (word) => [word.toLowerCase(), word],
  ),
);

/** SKUs of disks, and those of regions with zones (azure-rest-api-specs, DiskStorageAccountTypes). */
export const DISK_SKUS = [
  'Standard_LRS',
  'StandardSSD_LRS',
  'Premium_LRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
];
export const ZONE_DISK_SKUS = ['StandardSSD_ZRS', 'Premium_ZRS'];

/**
 * Puts `createOption` and `caching` of the disks in a storage profile into the service's spelling
 * (recorded in azure-libraries-for-net, VirtualMachine.ManagedDiskOperations: `fromImage`).
 */
export function spellDisks(profile: JsonObject): void {
  for (const entry of [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')]) {
    for (const member of ['createOption', 'caching']) {
      const sent = textAt(entry, member);
      if (sent !== undefined) entry[member] = spellings.get(sent.toLowerCase()) ?? sent;
    }
    const sku = textAt(entry, 'managedDisk', 'storageAccountType');
    if (sku !== undefined) objectAt(entry, 'managedDisk').storageAccountType = spelledSku(sku);
  }
}

/** A disk's SKU in the service's spelling (recorded 2024, test_vm_custom_image: `standard_lrs`). */
const spelledSku = (sent: string): string =>
  [...DISK_SKUS, ...ZONE_DISK_SKUS].find((each) => each.toLowerCase() === sent.toLowerCase()) ??
  sent;

/**
 * Puts what a VM refers to into the service's spelling: the group of hosts and proximity placement
 * groups in capitals (recorded 2019 to 2025, test_update_dedicated_host_e2e, test_ppg_update), the
 * name of an availability set in capitals (recorded 2017 to 2025, test_vm_create_existing).
 */
export function spellReferences(properties: JsonObject): void {
  for (const member of ['host', 'hostGroup', 'proximityPlacementGroup']) {
    const reference = objectAt(properties, member);
    if (typeof reference.id === 'string') reference.id = withCapitalGroup(reference.id);
  }
  const set = objectAt(properties, 'availabilitySet');
  if (typeof set.id === 'string') set.id = set.id.replace(/[^/]+$/, (name) => name.toUpperCase());
}

/**
 * Completes what was sent of gallery applications and of the proxy agent; `old` are the VM's
 * properties before (recorded 2024, test_vm_add_application_with_config_override,
 * test_vm_add_application_empty_version_ids, test_vm_vmss_proxy_agent).
 */
export function fillProfiles(properties: JsonObject, old: JsonObject): void {
  const agent = objectAt(properties, 'securityProfile', 'proxyAgentSettings');
  if (agent.mode !== undefined) {
    agent.wireServer = { mode: agent.mode };
    delete agent.mode;
  }
  if (!isObject(properties.applicationProfile)) return;
  const before = objectsAt(old, 'applicationProfile', 'galleryApplications');
  const galleryApplications = objectsAt(
    properties,
    'applicationProfile',
    'galleryApplications',
  ).map((sent) => ({
    manuallyManaged: false,
    treatFailureAsDeploymentFailure: false,
    enableAutomaticUpgrade: false,
    ...before.find(({ packageReferenceId: id }) => id === sent.packageReferenceId),
    ...sent,
  }));
  if (galleryApplications.length === 0) delete properties.applicationProfile;
  else properties.applicationProfile = { ...properties.applicationProfile, galleryApplications };
}
