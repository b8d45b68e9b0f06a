/** What a deallocation and new disks may change of a VM. */
export const MAY_CHANGE: readonly string[] = [
  'names and IDs of its disks',
  'dynamic IP addresses',
  'boot diagnostics: a capture of a Linux VM switches them on',
  'what is on the temporary disk',
  'capacity: Azure may have none for its size when it starts',
];

/** What a VM that is created again has no more. */
export const LOST: readonly string[] = [
  '`vmId`',
  'system-assigned identity',
  'role assignments on the VM',
  'locks on the VM',
  'data-collection and maintenance associations',
  '`osProfile` and user data',
  'extensions',
  'backup link',
];

/** What it keeps. */
export const KEPT: readonly string[] = [
  'network interfaces and IP addresses',
  'tags',
  'size',
  'zone',
  'user-assigned identities',
  'data disks by LUN',
  'plan',
  'availability set',
  'disk controller',
];
