import { normaliseRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { GalleryRegion, Lock, Permission } from '../domain/subscription.ts';
import type { Compute } from '../run/ports.ts';
import type { Session } from './session.ts';

/** Versions of ARM's own API: learn, "Providers - Get", "Management Locks", "Permissions". */
const RESOURCES_API = '2021-04-01';
const LOCKS_API = '2020-05-01';
const PERMISSIONS_API = '2022-04-01';

/** Reads of what surrounds a capture: what a subscription offers, and what it forbids. */
export const subscriptionReadsOf = (
  session: Session,
): Pick<Compute, 'galleryRegions' | 'encryptionSet' | 'vmSize' | 'locks' | 'permissions'> => ({
  galleryRegions: async (subscription) =>
    (await session.readPlain<AzureProvider, GalleryRegion[]>(
      `/subscriptions/${subscription}/providers/Microsoft.Compute`,
      'read which regions Microsoft.Compute offers',
      RESOURCES_API,
      regionFacts,
    )) ?? [],

  encryptionSet: (id) =>
    session.read(
      id,
      `read disk encryption set ${nameOf(id)}`,
      async (client, [group, name], options) => {
        const set = await client.diskEncryptionSets.get(group, name, options);
        return { id: set.id ?? id, location: normaliseRegion(set.location) };
      },
    ),

  vmSize: async ({ id, location, size }) => {
    const sizes = await session.list(
      id,
      `read what VM sizes offer in ${location}`,
      (client, _, options) => client.virtualMachineSizes.list(location, options),
      ({ name, numberOfCores: vCPUs = 0, memoryInMB = 0 }) => ({
        name: name?.toLowerCase(),
        offers: { vCPUs, memoryGiB: memoryInMB / 1024 },
      }),
    );
    return sizes?.find(({ name }) => name === size.toLowerCase())?.offers;
  },

  locks: async (scope) =>
    (await session.readPages(
      `${scope}/providers/Microsoft.Authorization/locks`,
      `read the locks of ${nameOf(scope)}`,
      LOCKS_API,
      lockFacts,
    )) ?? [],

  permissions: (scope) =>
    session.readPages(
      `${scope}/providers/Microsoft.Authorization/permissions`,
      `read what this identity may do on ${nameOf(scope)}`,
      PERMISSIONS_API,
      ({ actions = [], notActions = [] }: Partial<Permission>): Permission => ({
        actions,
        notActions,
      }),
    ),
});

interface AzureProvider {
  readonly resourceTypes?: readonly {
    readonly resourceType?: string;
    readonly locations?: readonly string[];
    readonly zoneMappings?: readonly {
      readonly location?: string;
      readonly zones?: readonly string[];
    }[];
  }[];
}

/**
 * Where galleries may be. Galleries have no zones of their own: those of disks tell where
 * zone-redundant storage is ("Standard_ZRS … in regions that support availability zones",
 * azure-compute-gallery.md).
 */
export function regionFacts({ resourceTypes = [] }: AzureProvider): GalleryRegion[] {
  const type = (wanted: string) =>
    resourceTypes.find(({ resourceType }) => resourceType?.toLowerCase() === wanted);
  const zoned = (type('disks')?.zoneMappings ?? [])
    .filter(({ zones = [] }) => zones.length > 0)
    .map(({ location = '' }) => normaliseRegion(location));
  return (type('galleries')?.locations ?? [])
    .map(normaliseRegion)
    .map((name) => ({ name, zones: zoned.includes(name) }));
}

/** A lock's ID ends in its own type and name; what is before is what it locks. */
export function lockFacts({
  id = '',
  properties: { level = 'CanNotDelete' } = {},
}: {
  readonly id?: string;
  readonly properties?: { readonly level?: string };
}): Lock {
  const end = id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/');
  return { name: nameOf(id), level, scope: id.slice(0, end) };
}
