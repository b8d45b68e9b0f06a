/** Something that VMs may be created of an image version for, now or later. */
export interface ImageUse {
  /** Resource ID of the VM, the scale set or its instance. */
  readonly by: string;
  readonly how: 'vm' | 'scale-set' | 'instance';
  /** The version's number; absent when it is of the definition, and Azure does not show which. */
  readonly version?: string;
}

/** What a use is called. */
export const USERS: Readonly<Record<ImageUse['how'], string>> = {
  vm: 'VM',
  'scale-set': 'scale set',
  instance: 'scale-set instance',
};
