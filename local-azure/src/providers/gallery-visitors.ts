/**
 * A gallery as those see it whom it is shared with, directly or as a community gallery: read only, by
 * location, under a name of its own. Shapes are recorded (test_shared_gallery,
 * test_create_vm_with_shared_gallery_image); community galleries follow the specification.
 */
import { type Arm, type ArmRequest, inSubscription, type Reply } from '../arm.ts';
import { armError } from '../errors.ts';
import { TENANT_ID } from '../identity.ts';
import { at, type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import { page, type Resource } from '../world.ts';
import { definitionType, galleryType, versionType } from './gallery-common.ts';

/** A way in which galleries are shared. */
interface Sharing {
  /** As in paths. */
  readonly collection: 'sharedGalleries' | 'communityGalleries';
  /** As in unique IDs. */
  readonly prefix: string;
  /** Names that a gallery goes by for whoever asks; none when it is not for them. */
  readonly names: (gallery: Resource, request: ArmRequest) => readonly string[];
}

const SHARED: Sharing = {
  collection: 'sharedGalleries',
  prefix: '/SharedGalleries',
  names: (gallery, { subscriptionId, query }) => {
    const groups = objectsAt(gallery, 'properties', 'sharingProfile', 'groups');
    const has = (type: string, id: string): boolean =>
      groups.some((each) => each.type === type && listAt(each, 'ids').includes(id));
    const isForTenant = has('AADTenants', TENANT_ID);
    const isForSubscription = has('Subscriptions', subscriptionId);
    const isMeant =
      query.get('sharedTo') === 'tenant' ? isForTenant : isForSubscription || isForTenant;
    const name = textAt(gallery, 'properties', 'identifier', 'uniqueName');
    return isMeant && name !== undefined ? [name] : [];
  },
};

const COMMUNITY: Sharing = {
  collection: 'communityGalleries',
  prefix: '/CommunityGalleries',
  names: (gallery) => {
    const info = objectAt(gallery, 'properties', 'sharingProfile', 'communityGalleryInfo');
    return info.communityGalleryEnabled === true ? listAt(info, 'publicNames').map(String) : [];
  },
};

/** Registers the reads. Community galleries cannot be listed: who wants one knows its name. */
export function registerGalleryVisitors(arm: Arm): void {
  for (const sharing of [SHARED, COMMUNITY]) {
    const source = sharing === SHARED ? 'recordings' : 'specification';
    const all = `Microsoft.Compute/locations/{location}/${sharing.collection}`;
    const one = `${all}/{gallery}`;
    const image = `${one}/images/{image}`;
    const visit = (show: (visit: Visit) => Reply) => (request: ArmRequest) =>
      show(new Visit(arm, sharing, request));
    const route = (path: string, show: (visit: Visit) => Reply): void =>
      arm.route('GET', inSubscription(path), source, visit(show));
    if (sharing === SHARED) route(all, (each) => ({ status: 200, body: page(each.galleries()) }));
    route(one, (each) => ({ status: 200, body: each.gallery() }));
    route(`${one}/images`, (each) => ({ status: 200, body: page(each.images()) }));
    route(image, (each) => ({ status: 200, body: each.image() }));
    route(`${image}/versions`, (each) => ({ status: 200, body: page(each.versions()) }));
    route(`${image}/versions/{version}`, (each) => ({ status: 200, body: each.version() }));
  }
}

/** One request, as far as it goes into a gallery. */
class Visit {
  readonly #arm: Arm;
  readonly #sharing: Sharing;
  readonly #request: ArmRequest;

  constructor(arm: Arm, sharing: Sharing, request: ArmRequest) {
    this.#arm = arm;
    this.#sharing = sharing;
    this.#request = request;
  }

  /** The names in the path after the location: gallery, image, version. */
  get #path(): readonly string[] {
    return this.#request.names.slice(1);
  }

  get #location(): string {
    return this.#request.names[0] ?? '';
  }

  galleries(): JsonObject[] {
    return this.#arm.world
      .all()
      .filter(({ type }) => type.toLowerCase() === galleryType.toLowerCase())
      .flatMap((each) => this.#sharing.names(each, this.#request))
      .map((name) => this.#shown(name, [name]));
  }

  gallery(): JsonObject {
    this.#found();
    const [name = ''] = this.#path;
    return this.#shown(name, [name], {});
  }

  images(): JsonObject[] {
    const gallery = this.#found();
    return this.#arm.world.list(gallery.id, definitionType).map((each) => this.#definition(each));
  }

  image(): JsonObject {
    return this.#definition(this.#child(this.#found(), 'images', this.#path[1]));
  }

  versions(): JsonObject[] {
    const image = this.#child(this.#found(), 'images', this.#path[1]);
    return this.#arm.world
      .list(image.id, versionType)
      .filter((each) => this.#isHere(each))
      .map((each) => this.#version(each));
  }

  version(): JsonObject {
    const image = this.#child(this.#found(), 'images', this.#path[1]);
    const version = this.#child(image, 'versions', this.#path[2]);
    if (!this.#isHere(version)) throw this.#notFound();
    return this.#version(version);
  }

  #found(): Resource {
    const [name = ''] = this.#path;
    const gallery = this.#arm.world
      .all()
      .find(
        (each) =>
          each.type.toLowerCase() === galleryType.toLowerCase() &&
          this.#sharing
            .names(each, this.#request)
            .some((one) => one.toLowerCase() === name.toLowerCase()),
      );
    if (gallery === undefined) throw this.#notFound();
    return gallery;
  }

  #child(parent: Resource, collection: string, name = ''): Resource {
    const child = this.#arm.world.get(`${parent.id}/${collection}/${name}`);
    if (child === undefined) throw this.#notFound();
    return child;
  }

  /** (Code and wording from memory.) */
  #notFound() {
    const message = `The resource '${this.#path.join('/')}' was not found in '${this.#location}', or is not shared with you.`;
    return armError(404, 'NotFound', message);
  }

  /** Versions are shown where they have been copied to. */
  #isHere(version: Resource): boolean {
    const wanted = compactRegion(this.#location);
    const regions = objectsAt(version, 'properties', 'publishingProfile', 'targetRegions');
    const isCopied = regions.some((each) => compactRegion(textAt(each, 'name') ?? '') === wanted);
    return isCopied && version.properties.provisioningState === 'Succeeded';
  }

  #definition(definition: Resource): JsonObject {
    const { provisioningState: _, ...properties } = definition.properties;
    const [gallery = ''] = this.#path;
    const shown = { recommended: {}, ...properties };
    return this.#shown(definition.name, [gallery, 'Images', definition.name], shown);
  }

  #version(version: Resource): JsonObject {
    const profile = objectAt(version, 'properties', 'publishingProfile');
    const storage = objectAt(version, 'properties', 'storageProfile');
    const [gallery = '', image = ''] = this.#path;
    return this.#shown(version.name, [gallery, 'Images', image, 'Versions', version.name], {
      publishedDate: profile.publishedDate,
      ...(profile.endOfLifeDate === undefined ? {} : { endOfLifeDate: profile.endOfLifeDate }),
      excludeFromLatest: at(profile, 'excludeFromLatest') === true,
      storageProfile: {
        osDiskImage: diskShown(objectAt(storage, 'osDiskImage')),
        dataDiskImages: objectsAt(storage, 'dataDiskImages').map((each) => ({
          lun: each.lun,
          ...diskShown(each),
        })),
      },
    });
  }

  #shown(name: string, path: readonly string[], properties?: JsonObject): JsonObject {
    return {
      ...(properties === undefined ? {} : { properties }),
      // As the path spells it (recorded: CentralUSEUAP, azure-cli's test_community_gallery_operations).
      location: this.#location,
      name,
      identifier: { uniqueId: `${this.#sharing.prefix}/${path.join('/')}` },
    };
  }
}

function diskShown(disk: JsonObject): JsonObject {
  return {
    diskSizeGB: numberAt(disk, 'sizeInGB'),
    hostCaching: textAt(disk, 'hostCaching') ?? 'None',
  };
}
