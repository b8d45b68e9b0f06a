import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { rememberedGuests } from '../crash/remembered-guest.ts';
import { buildVm, capture, definitionId, localAzure, type Run } from './harness.ts';

/** The same build VM again, as another machine with disks of its own. */
export function cloneVm(azure: LocalAzure, name: string, number = 1): string {
  const rename = (text: string) => text.replaceAll('build-linux', name);
  for (const resource of azure.world.all())
    if (resource.id.includes('build-linux')) {
      const copy = JSON.parse(rename(JSON.stringify(resource)));
      if (copy.properties.vmId)
        copy.properties.vmId = `22222222-3333-4444-5555-${String(number).padStart(12, '0')}`;
      azure.world.put(copy);
    }
  return rename(buildVm(azure));
}

/** The same definition again, under another name. */
function cloneDefinition(azure: LocalAzure, number: number): string {
  const id = definitionId(azure);
  const copy = JSON.parse(
    JSON.stringify(azure.world.get(id)).replaceAll('ubuntu-2404', `image-${number}`),
  );
  copy.properties.identifier.sku = `sku-${number}`;
  azure.world.put(copy);
  return copy.id;
}

export interface Fleet {
  readonly azure: LocalAzure;
  readonly runs: readonly Run[];
  /** Emulated seconds until the last one has ended. */
  readonly seconds: number;
}

/** So many captures at once in one subscription, each of its own VM, into so many definitions. */
export async function fleet(captures: number, definitions: number): Promise<Fleet> {
  const azure = localAzure({ guests: rememberedGuests });
  const into = Array.from({ length: definitions }, (_, index) => cloneDefinition(azure, index));
  const vms = Array.from({ length: captures }, (_, index) =>
    cloneVm(azure, `build-${String(index).padStart(2, '0')}`, index),
  );
  const runs = await Promise.all(
    vms.map((vm, index) => {
      const definition = into[index % definitions] ?? '';
      return capture(azure, { runId: String(index), request: { vm, definition } });
    }),
  );
  return { azure, runs, seconds: Math.max(...runs.map(({ seconds }) => seconds)) };
}

/** Requests that Azure answered with 429. */
export const throttled = ({ requests }: LocalAzure): number =>
  requests.all().filter(({ status }) => status === 429).length;
