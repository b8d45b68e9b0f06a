/** Microsoft.Compute/galleries: recorded with API versions 2020-09-30 to 2025-03-03. */
import { type Arm, type ArmRequest, inGroup, inSubscription, type Reply } from '../arm.ts';
import { withCapitalGroup } from '../arm-id.ts';
import { invalidParameter, operationNotAllowed } from '../errors.ts';
import { at, isObject, type Json, type JsonObject, objectAt, textAt } from '../json.ts';
import { hasPublicNamePrefix, refusesGroupsByPut } from '../service-history.ts';
import { page, type Resource } from '../world.ts';
import {
  deleteGalleryResource,
  galleryResource,
  galleryType,
  type Lingering,
  patchedBody,
  requireNoChildren,
  writeAtOnce,
} from './gallery-common.ts';
import { registerSharing } from './gallery-sharing.ts';
import { requireLocation } from './locations.ts';
import { dropSoftDeleted } from './versions/soft-delete.ts';

/** Registers the routes of galleries. */
export function registerGalleries(arm: Arm, lingering: Lingering): void {
  const one = inGroup(`${galleryType}/{gallery}`);
  arm.route('GET', one, 'recordings', (request) => read(arm, request));
  arm.route('PUT', one, 'recordings', (request) => write(arm, request, request.body));
  arm.route('PATCH', one, 'recordings', (request) => patch(arm, request));
  arm.route('DELETE', one, 'recordings', (request) => {
    requireNoChildren(arm, lingering, request.id);
    return deleteGalleryResource(arm, request, 'DELETE galleries');
  });
  arm.route('GET', inGroup(galleryType), 'recordings', (request) => list(arm, request));
  arm.route('GET', inSubscription(galleryType), 'recordings', (request) => list(arm, request));
  registerSharing(arm);
}

function read(arm: Arm, request: ArmRequest): Reply {
  const gallery = arm.world.get(request.id);
  return { status: 200, body: gallery && shownGallery(gallery, request.query) };
}

/** Whom it is shared with is shown only when asked for (recorded with `$select=Permissions`). */
function shownGallery(gallery: Resource, query: URLSearchParams): Resource {
  const { sharingProfile, sharingStatus, ...properties } = gallery.properties;
  const asked = `${query.get('$select') ?? ''},${query.get('$expand') ?? ''}`.toLowerCase();
  const isAsked = asked.includes('permissions') || asked.includes('sharingprofile');
  const { groups, ...profile } = objectAt({ sharingProfile }, 'sharingProfile');
  const shownProfile = isAsked && groups !== undefined ? { ...profile, groups } : profile;
  return {
    ...gallery,
    properties: {
      ...properties,
      ...(sharingProfile === undefined ? {} : { sharingProfile: shownProfile }),
      ...(isAsked && sharingStatus !== undefined ? { sharingStatus } : {}),
    },
  };
}

/** In lists the group's name is in capitals (recorded in test_gallery_e2e). */
function list(arm: Arm, request: ArmRequest): Reply {
  const galleries = arm.world.list(request.id, galleryType).map((gallery) => {
    return { ...shownGallery(gallery, new URLSearchParams()), id: withCapitalGroup(gallery.id) };
  });
  return { status: 200, body: page(galleries) };
}

function write(arm: Arm, request: ArmRequest, body: JsonObject): Reply {
  const existing = arm.world.get(request.id);
  requireLocation({ ...request, body }, existing);
  if (existing === undefined) requireGalleryName(arm, request);
  const sent = objectAt(body, 'properties');
  requireSamePermissions(existing, sent, request.name, arm.now());
  const profile = isObject(sent.sharingProfile)
    ? { ...objectAt(existing, 'properties', 'sharingProfile'), ...sent.sharingProfile }
    : existing?.properties.sharingProfile;
  const community = objectAt({ profile }, 'profile', 'communityGalleryInfo');
  const policy = sent.softDeletePolicy ?? existing?.properties.softDeletePolicy;
  if (at(sent, 'softDeletePolicy', 'isSoftDeleteEnabled') === false) {
    dropSoftDeleted(arm, request.id);
  }
  const description = sent.description ?? existing?.properties.description;
  const properties: JsonObject = {
    ...(description === undefined ? {} : { description }),
    identifier: { uniqueName: `${request.subscriptionId}-${request.name.toUpperCase()}` },
    ...(profile === undefined
      ? {}
      : { sharingProfile: publicProfile(profile, community, { arm, existing }) }),
    provisioningState: 'Succeeded',
    ...(policy === undefined ? {} : { softDeletePolicy: policy }),
  };
  const gallery = galleryResource(request.id, galleryType, body, existing, properties);
  const isNew = existing === undefined;
  const options = { isNew, name: 'PUT galleries' };
  // Only the first answer of 2020-09-30 names the default (recorded).
  if (!isNew || profile !== undefined || request.apiVersion !== '2020-09-30') {
    return writeAtOnce(arm, request, gallery, options);
  }
  const first: JsonObject = {
    ...gallery,
    properties: {
      ...properties,
      sharingProfile: { permissions: 'Private' },
      provisioningState: 'Creating',
    },
  };
  return writeAtOnce(arm, request, gallery, { ...options, first });
}

/** A community gallery gets a public name from its prefix (recorded in test_community_gallery_operations). */
function publicProfile(
  profile: Json,
  community: JsonObject,
  { arm, existing }: { readonly arm: Arm; readonly existing: Resource | undefined },
): Json {
  const prefix = textAt(community, 'publicNamePrefix');
  if (!isObject(profile) || prefix === undefined) return profile;
  const { publicNamePrefix: _, ...info } = community;
  const before = objectAt(existing, 'properties', 'sharingProfile', 'communityGalleryInfo');
  const communityGalleryInfo = {
    communityGalleryEnabled: false,
    ...info,
    ...(hasPublicNamePrefix(arm.now()) ? { publicNamePrefix: prefix } : {}),
    publicNames: before.publicNames ?? [`${prefix}-${arm.random.uuid()}`],
  };
  return { ...profile, communityGalleryInfo };
}

function patch(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined) return { status: 404 };
  return write(arm, request, patchedBody(existing, request.body));
}

/**
 * The name's pattern is the specification's; wording invented. A name is taken once in a
 * subscription (azure-cli, test_gallery_e2e).
 */
function requireGalleryName(arm: Arm, request: ArmRequest): void {
  const { name, subscriptionId } = request;
  if (!/^[^_\W][\w.]{0,79}$/.test(name) || name.endsWith('.')) {
    throw invalidParameter(`The gallery name '${name}' is invalid.`, 'galleryName');
  }
  const others = arm.world.list(`/subscriptions/${subscriptionId}`, galleryType);
  if (others.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
    throw operationNotAllowed(
      `The gallery name '${name}' is not unique within the subscription '${subscriptionId}'. ` +
        'Please pick another gallery name.',
    );
  }
}

/** (azure-cli, test_shared_gallery; the missing quotation mark is Azure's.) */
function requireSamePermissions(
  existing: Resource | undefined,
  sent: JsonObject,
  name: string,
  now: number,
): void {
  const wanted = textAt(sent, 'sharingProfile', 'permissions');
  if (existing === undefined || wanted === undefined) return;
  const before = textAt(existing, 'properties', 'sharingProfile', 'permissions') ?? 'Private';
  if (before === wanted || wanted === 'Community' || !refusesGroupsByPut(now)) return;
  throw invalidParameter(
    `Cannot update the gallery '${name}' sharing permissions from '${before}' to '${wanted}. ` +
      'Permissions can only be changed by a POST ShareGallery call. Currently, gallery permissions ' +
      "can only be set to 'Groups' or 'Community' during creation.",
    'gallery.properties.sharingProfile.permissions',
  );
}
