/**
 * Versions by the gallery service's first API, 2018-06-01: the source stands in the publishing
 * profile, there is no say in storage, an update answers 202 (recorded 2018-11, test_gallery_e2e).
 */
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from '../../json.ts';
import type { Resource } from '../../world.ts';

/** The API version that followed it. */
const second = '2019-03-01';

/** Whether a request is of the first API. */
export function isFirstApi(apiVersion: string): boolean {
  return apiVersion < second;
}

/** The body of a PUT by the first API as later ones have it. */
export function fromFirstApi(body: JsonObject): JsonObject {
  const properties = objectAt(body, 'properties');
  const { source, ...publishingProfile } = objectAt(properties, 'publishingProfile');
  if (source === undefined) return body;
  const id = textAt(source, 'managedImage', 'id');
  const storageProfile = { ...(id === undefined ? {} : { source: { id } }) };
  return { ...body, properties: { ...properties, publishingProfile, storageProfile } };
}

/** A version as the first API shows it. */
export function asFirstApi(version: Resource): Resource {
  const { publishingProfile, storageProfile, provisioningState } = version.properties;
  const {
    targetRegions: _,
    publishedDate,
    ...profile
  } = objectAt({ publishingProfile }, 'publishingProfile');
  const { source, ...images } = objectAt({ storageProfile }, 'storageProfile');
  const { tags, ...others } = version;
  const withoutSource = ({ source: _, ...image }: JsonObject): JsonObject => image;
  const { osDiskImage, dataDiskImages } = images;
  const shown = {
    ...(isObject(osDiskImage) ? { osDiskImage: withoutSource(osDiskImage) } : {}),
    ...(Array.isArray(dataDiskImages)
      ? { dataDiskImages: objectsAt(images, 'dataDiskImages').map(withoutSource) }
      : {}),
  };
  const hasTags = isObject(tags) && Object.keys(tags).length > 0;
  return {
    ...others,
    ...(hasTags ? { tags } : {}),
    properties: {
      publishingProfile: {
        replicaCount: profile.replicaCount,
        excludeFromLatest: profile.excludeFromLatest,
        // The day alone.
        ...(typeof publishedDate === 'string'
          ? { publishedDate: `${publishedDate.slice(0, 10)}T00:00:00+00:00` }
          : {}),
        targetRegions: objectsAt({ publishingProfile }, 'publishingProfile', 'targetRegions').map(
          ({ name, regionalReplicaCount }) => ({ name, regionalReplicaCount }),
        ),
        ...(isObject(source) ? { source: { managedImage: { id: source.id } } } : {}),
      },
      provisioningState,
      ...(provisioningState === 'Succeeded' ? { storageProfile: shown } : {}),
    },
  } as Resource;
}
