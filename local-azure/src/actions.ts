/**
 * Actions of roles. Those of the types that the local Azure models, as their providers publish
 * them (azure-docs, role-based-access-control/permissions, compute.md and networking.md). What
 * Compute has not published, such as reading a gallery's recycle bin, only a wildcard can allow.
 */

const CRUD = ['read', 'write', 'delete'];

/** What can be done with each type; where a namespace is here, this is all there is of it. */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.Compute/virtualMachines': [
    ...CRUD,
    'instanceView/read',
    'vmSizes/read',
    ...['read', 'write', 'delete'].flatMap((verb) => [`runCommands/${verb}`, `extensions/${verb}`]),
    ...[
      'start',
      'powerOff',
      'restart',
      'redeploy',
      'reapply',
      'deallocate',
      'generalize',
      'capture',
      'runCommand',
      'retrieveBootDiagnosticsData',
      'attachDetachDataDisks',
    ].map((name) => `${name}/action`),
  ],
  'Microsoft.Compute/virtualMachineScaleSets': CRUD,
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines': CRUD,
  'Microsoft.Compute/disks': [...CRUD, 'beginGetAccess/action', 'endGetAccess/action'],
  'Microsoft.Compute/snapshots': [...CRUD, 'beginGetAccess/action', 'endGetAccess/action'],
  'Microsoft.Compute/images': CRUD,
  'Microsoft.Compute/diskEncryptionSets': CRUD,
  'Microsoft.Compute/diskAccesses': CRUD,
  'Microsoft.Compute/galleries': [...CRUD, 'share/action'],
  'Microsoft.Compute/galleries/images': CRUD,
  'Microsoft.Compute/galleries/images/versions': CRUD,
  'Microsoft.Compute/skus': ['read'],
  'Microsoft.Compute/locations': [
    'usages/read',
    'vmSizes/read',
    'runCommands/read',
    'operations/read',
    'diskOperations/read',
    'capsOperations/read',
    'sharedGalleries/read',
    'sharedGalleries/images/read',
    'sharedGalleries/images/versions/read',
    'communityGalleries/read',
    'communityGalleries/images/read',
    'communityGalleries/images/versions/read',
    'publishers/read',
  ],
  'Microsoft.Network/networkInterfaces': [...CRUD, 'join/action'],
  'Microsoft.Network/publicIPAddresses': [...CRUD, 'join/action'],
  'Microsoft.Network/networkSecurityGroups': [...CRUD, 'join/action'],
  'Microsoft.Network/loadBalancers': CRUD,
  'Microsoft.Network/virtualNetworks': CRUD,
  'Microsoft.Network/virtualNetworks/subnets': [...CRUD, 'join/action'],
  'Microsoft.Storage/storageAccounts': [...CRUD, 'listKeys/action'],
  'Microsoft.Storage': ['checkNameAvailability/read'],
  'Microsoft.PolicyInsights/checkPolicyRestrictions': ['read'],
  'Microsoft.ManagedIdentity/userAssignedIdentities': [...CRUD, 'assign/action'],
};

const ALL = Object.entries(PUBLISHED).flatMap(([type, verbs]) =>
  verbs.map((verb) => `${type}/${verb}`),
);

/** Whether the action is one of those above. */
export const isListed = (action: string): boolean => ALL.some((each) => matches(each, action));

/** Whether a role's pattern, in which `*` stands for anything, covers an action; case is ignored. */
export function matches(pattern: string, action: string): boolean {
  const text = action.toLowerCase();
  const [head = '', ...others] = pattern.toLowerCase().split('*');
  const tail = others.pop();
  if (tail === undefined) return head === text;
  if (!text.startsWith(head)) return false;
  let from = head.length;
  for (const part of others) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - tail.length >= from && text.endsWith(tail);
}

/** Whether a role may name the pattern; of namespaces that are not listed here, anything. */
export function isPublished(pattern: string): boolean {
  const namespace = pattern.split('/')[0]?.toLowerCase() ?? '';
  const known = ALL.some((action) => action.toLowerCase().startsWith(`${namespace}/`));
  return !known || namespace.includes('*') || ALL.some((action) => matches(pattern, action));
}
