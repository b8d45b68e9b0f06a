import type { Vm } from '../domain/observed.ts';
import { resourceIdOf } from '../domain/resource-id.ts';
import { generationOf, osTypeOf } from './facts.ts';
import type { Session } from './session.ts';

/**
 * Resource IDs of the image definitions, in all galleries of the VM's subscription, that take such a
 * VM: of its operating system and generation.
 */
export async function definitionsFor(session: Session, vm: Vm): Promise<string[]> {
  const { subscriptionId } = resourceIdOf(vm.id);
  const galleries =
    (await session.list(
      vm.id,
      'list galleries',
      (client, _, options) => client.galleries.list(options),
      ({ id }) => id ?? `/subscriptions/${subscriptionId}`,
    )) ?? [];
  const found = await Promise.all(
    galleries.map((gallery) =>
      session.list(
        gallery,
        'list image definitions',
        (client, [group, name], options) =>
          client.galleryImages.listByGallery(group, name, options),
        ({ id, osType, hyperVGeneration }) => {
          const generation = generationOf(hyperVGeneration);
          const differs = generation && vm.generation && generation !== vm.generation;
          return osTypeOf(osType) === vm.osType && !differs && id ? [id] : [];
        },
      ),
    ),
  );
  return found.flatMap((ids) => (ids ?? []).flat());
}
