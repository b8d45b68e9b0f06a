/** Whether a guest was deprovisioned when somebody marks its VM as generalized. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { Guest } from '../../local-azure/src/guest/guest.ts';
import { isGeneralized } from '../../local-azure/src/vm/instance-view.ts';
import type { WindowsGuest } from '../../local-azure/src/windows/guest.ts';

/** Watches every `generalize`; returns where the guest was not ready for it is gathered. */
export function watchGeneralize(azure: LocalAzure): readonly string[] {
  const unproven: string[] = [];
  const fetch = azure.fetch.bind(azure);
  azure.fetch = async (request) => {
    const { pathname } = new URL(request.url);
    const id = /^(.*)\/generalize$/i.exec(pathname)?.[1];
    if (request.method !== 'POST' || id === undefined) return fetch(request);
    azure.settle();
    const was = azure.world.get(id);
    const before = was !== undefined && isGeneralized(was);
    const proof = was === undefined || isDeprovisioned(azure, id);
    try {
      return await fetch(request);
    } finally {
      const vm = azure.world.get(id);
      if (vm && isGeneralized(vm) && !before && !proof) unproven.push(id.split('/').at(-1) ?? id);
    }
  };
  return unproven;
}

/** Nobody's account is left in the guest; on Windows, Sysprep has come to its end. */
export function isDeprovisioned(azure: LocalAzure, id: string): boolean {
  const { guest } = azure.machine(id);
  if ('system' in guest) {
    const { imageState } = (guest as WindowsGuest).system;
    return imageState === 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE';
  }
  return !(guest as unknown as Guest).users().includes('azureuser');
}
