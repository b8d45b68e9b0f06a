import type { ImageUse, ImageVersion } from '../domain/gallery.ts';
import { membersOf } from '../domain/plain-objects.ts';
import { parentId, parseResourceId, sameId } from '../domain/resource-id.ts';
import type { Reads } from '../run/ports.ts';
import { ifAllowed, inTurn } from '../run/reading.ts';
import { GALLERY_API } from './api-versions.ts';
import { versionFacts } from './gallery-facts.ts';
import { get, pages, query } from './requests.ts';
import type { Session } from './session.ts';

/** The version of Compute's API that the lists of VMs in a subscription are asked with. */
const VM_LIST_API = '2024-11-01';
/** The first that shows for how long a recycle bin keeps (azure-rest-api-specs#44214). */
const BIN_API = '2026-03-03';
/** Version of Resource Graph's API (azure-rest-api-specs, resourcegraph). */
const GRAPH_API = '2024-04-01';
/** Rows of a page: the most that Resource Graph gives ("Working with large data sets"). */
const ROWS = 1000;
/** Pages of a result; more are no result but a loop. */
const MOST_GRAPH_PAGES = 1000;
const INSTANCE = 'microsoft.compute/virtualmachinescalesets/virtualmachines';

/** A resource as a list shows it; what is in it was not looked at yet. */
interface Resource {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** Who uses a definition's versions, and what was made of them. */
export const imageUsersOf = (session: Session) => {
  const list = (scope: string, type: string, api: string) =>
    session.list(`${scope}/${type}`, `list ${type} in ${scope}`, pages(api), resourceIn);
  const inSubscription = (subscription: string) =>
    `/subscriptions/${subscription}/providers/Microsoft.Compute`;

  const listBelow = async (parent: string, type: string, api: string) =>
    session.below(parent, api, await list(parent, type, api));

  const definitions = async (gallery: string) =>
    (await listBelow(gallery, 'images', GALLERY_API)).map(({ id }) => id);

  return {
    definitions,

    /**
     * Lists tell of VMs and scale sets: they are complete, or refused. Instances have a list for each
     * set, so Resource Graph tells of them where it is allowed. It leaves out what the identity is not
     * allowed to read, and lags: a set of which it shows fewer than the set's capacity is listed all the
     * same.
     */
    imageUses: async (subscription, names) => {
      const scope = inSubscription(subscription);
      const [vms, sets] = await Promise.all([
        list(scope, 'virtualMachines', VM_LIST_API),
        list(scope, 'virtualMachineScaleSets', VM_LIST_API),
      ]);
      if (!vms || !sets) return undefined;
      const uniform = sets.filter(({ properties }) => properties.orchestrationMode !== 'Flexible');
      const told = uniform.length > 0 ? await instancesIn(session, subscription) : [];
      const bySet = Map.groupBy(told ?? [], ({ id }) => parentId(id).toLowerCase());
      const instances = await inTurn(uniform, async (set) => {
        const known = (bySet.get(set.id.toLowerCase()) ?? []).filter(showsImage);
        return told && known.length >= capacityOf(set)
          ? known
          : listBelow(set.id, 'virtualMachines', VM_LIST_API);
      });
      return [
        ...vms.flatMap((vm) => useOf(vm, 'vm', names)),
        ...sets.flatMap((set) => useOf(set, 'scale-set', names)),
        ...instances.flat().flatMap((each) => useOf(each, 'instance', names)),
      ];
    },

    copies: async (subscription, definition) => {
      const ofDefinition = `${definition}/versions/`;
      const galleries = await list(inSubscription(subscription), 'galleries', GALLERY_API);
      if (!galleries) return undefined;
      const others = galleries.filter(({ id }) => !sameId(id, parentId(definition)));
      const images = await inTurn(others, ({ id }) => definitions(id));
      const versions = await inTurn(images.flat(), (id) => listBelow(id, 'versions', GALLERY_API));
      return versions
        .flat()
        .map(versionIn)
        .filter(({ sourceId = '' }) =>
          sourceId.toLowerCase().startsWith(ofDefinition.toLowerCase()),
        );
    },

    recoverableDays: (gallery) =>
      session.read(
        gallery,
        'read the soft-delete policy of the gallery',
        get(BIN_API, (found) => {
          const policy = membersOf(resourceIn(found).properties.softDeletePolicy);
          const { retentionPeriodInDays: retention, gracePeriodInDays: grace = 0 } = policy;
          return typeof retention === 'number' && typeof grace === 'number'
            ? retention + grace
            : undefined;
        }),
      ),
  } satisfies Partial<Reads>;
};

/** A resource of a list, as far as its members have the form of Azure's. */
function resourceIn(entry: unknown): Resource {
  const { id, properties, ...more } = membersOf(entry);
  if (typeof id !== 'string' || !parseResourceId(id))
    throw new TypeError('an entry of the list has no `id`');
  return { ...more, id, properties: membersOf(properties) };
}

/** Whether it is an instance, and shows which image its disks were made of: of a gallery, or of the marketplace. */
function showsImage({ id, properties }: Resource): boolean {
  const image = membersOf(membersOf(properties.storageProfile).imageReference);
  const isNamed = [...IMAGE_MEMBERS, 'publisher'].some((member) => isText(image[member]));
  return parseResourceId(id)?.type.toLowerCase() === INSTANCE && isNamed;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Of an `imageReference`, those that name an image of a gallery. */
const IMAGE_MEMBERS = ['id', 'sharedGalleryImageId', 'communityGalleryImageId'];

/** Instances that a set is to have; unlimited where it does not say. */
function capacityOf({ sku }: Resource): number {
  const { capacity } = membersOf(sku);
  return typeof capacity === 'number' ? capacity : Infinity;
}

/**
 * The use of a definition that a resource is, if it is one. Its image is named exactly, or by the
 * definition, which means `latest`; what a VM was made of then stands in `exactVersion` (Learn,
 * "ImageReference"). A model that names the definition holds no version: it is what `latest` means.
 */
function useOf(resource: Resource, how: ImageUse['how'], names: readonly string[]): ImageUse[] {
  const { properties } = resource;
  const profile = how === 'scale-set' ? properties.virtualMachineProfile : properties;
  const image = membersOf(membersOf(membersOf(profile).storageProfile).imageReference);
  const by = resource.id;
  return IMAGE_MEMBERS.flatMap((member): ImageUse[] => {
    const given = image[member];
    if (typeof given !== 'string') return [];
    const path = given.replace(/\/+$/, '');
    const [, number = ''] = /\/versions\/([^/]+)$/i.exec(path) ?? [];
    if (!names.some((name) => sameId(number ? parentId(path) : path, name))) return [];
    if (number && !/^latest$/i.test(number)) return [{ by, how, version: number }];
    const { exactVersion } = image;
    if (typeof exactVersion === 'string' && exactVersion)
      return [{ by, how, version: exactVersion }];
    return how === 'scale-set' ? [] : [{ by, how }];
  });
}

/** A version of a plain list. Dates are texts there. */
function versionIn(found: Resource): ImageVersion {
  const { id, properties, tags, location, name } = found;
  const profile = membersOf(properties.publishingProfile);
  const { publishedDate: _, endOfLifeDate: __, ...publishingProfile } = profile;
  return versionFacts(id, {
    ...properties,
    publishingProfile,
    id,
    location: typeof location === 'string' ? location : '',
    ...(typeof name === 'string' && { name }),
    tags: membersOf(tags) as Record<string, string>,
  } as Parameters<typeof versionFacts>[1]);
}

/**
 * The instances of scale sets in a subscription by Azure Resource Graph, in one request for a thousand;
 * `undefined` where the identity is not allowed to ask, the cloud has none, or the answer is not whole.
 * It shows only what the identity may read, and lags a little. Pages that are not sorted by what is
 * unique repeat some rows and leave out others ("Paging results"): a row that comes again is none.
 */
async function instancesIn(
  session: Session,
  subscription: string,
): Promise<Resource[] | undefined> {
  const kql = `computeresources | where type in~ ('${INSTANCE}') | project id, name, location, tags, properties | order by id asc`;
  const found = new Map<string, Resource>();
  let $skipToken: string | undefined;
  for (let page = 0; page < MOST_GRAPH_PAGES; page++) {
    const body = {
      subscriptions: [subscription],
      query: kql,
      options: { resultFormat: 'objectArray', $top: ROWS, ...($skipToken && { $skipToken }) },
    };
    const answer = await ifAllowed(
      session.read(
        `/subscriptions/${subscription}`,
        `query Azure Resource Graph for ${INSTANCE}`,
        query('/providers/Microsoft.ResourceGraph/resources', GRAPH_API, body, pageIn),
      ),
    );
    if (!answer) return undefined;
    for (const row of answer.rows) found.set(row.id.toLowerCase(), row);
    $skipToken = answer.token;
    if (!$skipToken) return found.size >= answer.total ? [...found.values()] : undefined;
  }
  return undefined;
}

function pageIn(answer: unknown) {
  const { data, totalRecords, $skipToken } = membersOf(answer);
  if (!Array.isArray(data) || typeof totalRecords !== 'number')
    throw new TypeError('`data` is no list');
  const token = typeof $skipToken === 'string' && $skipToken ? $skipToken : undefined;
  return { rows: data.map(resourceIn), total: totalRecords, token };
}
