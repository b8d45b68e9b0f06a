/** Soft delete of versions: where deleted ones wait, and how they come back. */
import { type Arm, inGroup } from '../../arm.ts';
import { idKey, parentId } from '../../arm-id.ts';
import { stamp } from '../../clock.ts';
import { at, type JsonObject, numberAt, objectAt } from '../../json.ts';
import { asResource, page, type Resource } from '../../world.ts';

const type = 'Microsoft.Compute/galleries/softDeletedArtifactTypes/artifacts/versions';
const collection =
  'Microsoft.Compute/galleries/{gallery}/softDeletedArtifactTypes/{type}/artifacts/{artifact}/versions';

/** Seconds. */
const DAY = 24 * 3600;

/** Versions that have been deleted softly. */
export class SoftDeleted {
  readonly #arm: Arm;
  readonly #versions = new Map<string, Resource>();

  constructor(arm: Arm) {
    this.#arm = arm;
  }

  /** Whether the gallery of a version keeps what is deleted. */
  isEnabledFor(version: Resource): boolean {
    const gallery = this.#arm.world.get(parentId(parentId(version.id)));
    return at(gallery, 'properties', 'softDeletePolicy', 'isSoftDeleteEnabled') === true;
  }

  /** Puts a version that has just been deleted aside. */
  keep(version: Resource): void {
    this.#versions.set(idKey(version.id), version);
    this.#arm.world.put(
      asResource({
        id: markerId(version.id),
        type,
        location: version.location,
        properties: {
          resourceArmId: version.id,
          softDeletedArtifactType: 'Images',
          softDeletedTime: stamp(this.#arm.now()),
          ...this.#expiry(version),
        },
      }),
    );
  }

  /**
   * When it can no longer be used, and when it is gone for good, by the gallery's policy
   * (azure-rest-api-specs#44214, #44434). Without days in the policy nothing ends here: how long Azure
   * keeps it then is not documented.
   */
  #expiry(version: Resource): JsonObject {
    const gallery = this.#arm.world.get(parentId(parentId(version.id)));
    const policy = objectAt(gallery, 'properties', 'softDeletePolicy');
    const retention = numberAt(policy, 'retentionPeriodInDays');
    if (retention === undefined) return {};
    const days = retention + (numberAt(policy, 'gracePeriodInDays') ?? 0);
    this.#arm.timeline.after(days * DAY, () => {
      if (this.#versions.get(idKey(version.id)) === version) this.restore(version.id);
    });
    const after = (count: number) => stamp(this.#arm.now() + count * DAY * 1000);
    return { consumptionEndTime: after(retention), hardDeletionTargetTime: after(days) };
  }

  /** The version that waits under this ID, if it still does. */
  find(id: string): Resource | undefined {
    if (this.#arm.world.get(markerId(id)) === undefined) return undefined;
    return this.#versions.get(idKey(id));
  }

  /** Takes the version out of the bin: it is back, or gone for good. */
  restore(id: string): void {
    this.#versions.delete(idKey(id));
    this.#arm.world.delete(markerId(id));
  }
}

/**
 * What has been deleted softly in a gallery is gone for good once soft delete is off (recorded
 * 2023-12, test_gallery_soft_delete: the gallery can then be deleted).
 */
export function dropSoftDeleted(arm: Arm, galleryId: string): void {
  const prefix = `${idKey(galleryId)}/`;
  for (const each of arm.world.all()) {
    const isMarker = each.type.toLowerCase() === type.toLowerCase();
    if (isMarker && idKey(each.id).startsWith(prefix)) arm.world.delete(each.id);
  }
}

/** Lists what has been deleted softly in a gallery (specification 2025-03-03; not recorded). */
export function registerSoftDeleted(arm: Arm): void {
  arm.route('GET', inGroup(collection), 'documentation', (request) => {
    const shown = arm.world.list(request.id, type);
    return { status: 200, body: page(shown) };
  });
}

/** `…/galleries/g/images/d/versions/v` → `…/galleries/g/softDeletedArtifactTypes/Images/artifacts/d/versions/v`. */
function markerId(id: string): string {
  return id.replace(
    /\/images\/([^/]+)\/versions\//i,
    '/softDeletedArtifactTypes/Images/artifacts/$1/versions/',
  );
}
