/** Microsoft.Compute/galleries/images/versions: routes, and what a write begins. */

import { type Arm, type ArmRequest, inGroup, type Reply } from '../../arm.ts';
import { parentId } from '../../arm-id.ts';
import { stamp } from '../../clock.ts';
import { definitionAt } from '../../definition-features.ts';
import { ArmError, invalidParameter } from '../../errors.ts';
import { isObject, type JsonObject, merged, objectAt, objectsAt } from '../../json.ts';
import { paged } from '../../paged.ts';
import { page, type Resource } from '../../world.ts';
import { galleryResource, requireParent, versionType } from '../gallery-common.ts';
import { requireLocation } from '../locations.ts';
import { requireEncryption, requireSameEncryption } from './encryption.ts';
import { fromFirstApi, isFirstApi } from './first-api.ts';
import type { Lifecycle } from './lifecycle.ts';
import { findMismatch, requireSuitableSource } from './refusals.ts';
import { planCreate, planUpdate } from './replication.ts';
import { requireSameSource } from './same-source.ts';
import { safetyProfile, securityProfile, shownVersion } from './shape.ts';
import { type Source, sourceOf } from './sources.ts';
import { droppedRegions, publishingProfile, safetySince, sameRegion } from './targets.ts';

const collection = 'Microsoft.Compute/galleries/{gallery}/images/{image}/versions';

/** Registers the routes of image versions. */
export function registerVersions(arm: Arm, lifecycle: Lifecycle): void {
  const one = inGroup(`${collection}/{version}`);
  arm.route('GET', one, 'recordings', (request) => {
    const version = arm.world.get(request.id);
    if (version === undefined) throw arm.notFound(request.id);
    return {
      status: 200,
      body: shownVersion(version, request.apiVersion, request.query.get('$expand')),
    };
  });
  arm.route('GET', inGroup(collection), 'recordings', (request) => {
    const { shown, nextLink } = paged(arm.world.list(request.id, versionType), request);
    const body = page(shown.map((each) => shownVersion(each, request.apiVersion, null)));
    return { status: 200, body: { ...body, ...nextLink } };
  });
  arm.route('PUT', one, 'recordings', (request) => put(arm, lifecycle, translated(request)));
  arm.route('PATCH', one, 'recordings', (request) => patch(arm, lifecycle, request));
  arm.route('DELETE', one, 'recordings', (request) => lifecycle.remove(request));
}

function translated(request: ArmRequest): ArmRequest {
  return isFirstApi(request.apiVersion)
    ? { ...request, body: fromFirstApi(request.body) }
    : request;
}

function put(arm: Arm, lifecycle: Lifecycle, request: ArmRequest): Reply {
  const parent = requireParent(arm, request);
  requireVersionName(request.name);
  const definition = definitionAt(parent, request.name);
  const existing = arm.world.get(request.id);
  const deleted = existing === undefined ? lifecycle.softDeleted.find(request.id) : undefined;
  if (deleted !== undefined) return lifecycle.restore(request, deleted);
  if (existing === undefined) return create(arm, lifecycle, request, definition);
  return update(arm, lifecycle, request, existing, request.body);
}

function patch(arm: Arm, lifecycle: Lifecycle, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  if (existing === undefined) throw arm.notFound(request.id);
  const { publishingProfile: profile, safetyProfile: safety } = existing.properties;
  const before: JsonObject = {
    location: existing.location,
    ...(existing.tags === undefined ? {} : { tags: existing.tags }),
    properties: { publishingProfile: profile, safetyProfile: safety },
  };
  return update(arm, lifecycle, request, existing, merged(before, request.body));
}

function create(arm: Arm, lifecycle: Lifecycle, request: ArmRequest, definition: Resource): Reply {
  const { body } = request;
  const location = requireLocation(request, undefined);
  requireDefinitionRegion(arm, definition, location);
  const sent = objectAt(body, 'properties');
  const now = arm.now();
  const profile = publishingProfile(request, objectAt(sent, 'publishingProfile'), undefined, {
    location,
    now,
  });
  const source = sourceOf(arm, objectAt(sent, 'storageProfile'), location);
  requireSuitableSource(arm, definition, source, profile);
  const targets = objectsAt(profile, 'targetRegions');
  requireEncryption(arm, { definition, source, location, targets });
  const version = galleryResource(request.id, versionType, body, undefined, {
    publishingProfile: { ...profile, publishedDate: stamp(now) },
    storageProfile: source.shown,
    safetyProfile: safetyProfile(objectAt(sent, 'safetyProfile')),
    ...securityProfile(sent, {}),
    provisioningState: 'Creating',
  });
  arm.contents.takeVersion(version.id, source.id, source.finished);
  return lifecycle.create(request, version, {
    plan: planCreate(version),
    mismatch: mismatchOf(arm, definition, source, profile),
    finished: source.finished,
  });
}

/** A mismatch is found later, but for the one of which nobody knows when. */
function mismatchOf(arm: Arm, definition: Resource, source: Source, profile: JsonObject) {
  const mismatch = findMismatch(arm, definition, source, profile);
  const isOsState = /\bOS state\b/i.test(mismatch?.message ?? '');
  if (mismatch !== undefined && isOsState && arm.unknowns.osStateMismatch === 'at once') {
    throw new ArmError(400, mismatch);
  }
  return mismatch;
}

/** packer-plugin-azure's chroot builder asks for one region, its other builders do not. */
function requireDefinitionRegion(arm: Arm, definition: Resource, location: string): void {
  if (arm.unknowns.definitionRegion === 'any' || sameRegion(definition.location, location)) return;
  // Wording invented.
  throw invalidParameter(
    `The location '${location}' of the image version must be that of its image definition.`,
    'galleryImageVersion.location',
  );
}

function update(
  arm: Arm,
  lifecycle: Lifecycle,
  request: ArmRequest,
  existing: Resource,
  body: JsonObject,
): Reply {
  lifecycle.requireNotDeleting(existing);
  lifecycle.requireIdle(existing);
  const location = requireLocation({ ...request, body }, existing);
  const sent = objectAt(body, 'properties');
  requireSameSource(existing, objectAt(sent, 'storageProfile'));
  const before = objectAt(existing, 'properties', 'publishingProfile');
  const isProfileSent = isObject(sent.publishingProfile);
  const profile = isProfileSent
    ? publishingProfile(request, objectAt(sent, 'publishingProfile'), existing, {
        location,
        now: arm.now(),
      })
    : before;
  const safety = isObject(sent.safetyProfile)
    ? safetyProfile(sent.safetyProfile)
    : objectAt(existing, 'properties', 'safetyProfile');
  const definition = definitionAt(arm.world.get(parentId(existing.id)), existing.name);
  if (isProfileSent && definition !== undefined)
    requireSameEncryption(
      arm,
      { definition, location, targets: objectsAt(profile, 'targetRegions') },
      objectsAt(before, 'targetRegions'),
    );
  // Before there were safety profiles, regions could be dropped freely.
  const mayDrop = safety.allowDeletionOfReplicatedLocations === true;
  const isFailedKept = arm.unknowns.removalOfFailedRegion === 'refused';
  droppedRegions(existing, profile, {
    mayDelete: mayDrop || request.apiVersion < safetySince,
    replicated: ['Completed', ...(isFailedKept ? ['Failed'] : [])],
  });
  existing.properties = {
    ...existing.properties,
    publishingProfile: profile,
    safetyProfile: safety,
    ...securityProfile(sent, existing.properties),
  };
  // The last writer wins as a whole: tags that are not sent again are gone.
  if (isObject(body.tags)) existing.tags = body.tags;
  else delete existing.tags;
  return lifecycle.update(request, existing, planUpdate(existing, before));
}

/** (Text: troubleshooting-shared-images.md.) */
function requireVersionName(name: string): void {
  const parts = name.split('.');
  const isNumber = (part: string): boolean =>
    /^(0|[1-9]\d{0,9})$/.test(part) && Number(part) < 2 ** 31;
  if (parts.length === 3 && parts.every(isNumber)) return;
  throw invalidParameter(
    'The image version name is invalid. The image version name should follow Major(int).Minor(int).Patch(int) ' +
      'format, for e.g: 1.0.0, 2018.12.1 etc',
    'galleryImageVersionName',
  );
}
