/** Microsoft.Compute/diskEncryptionSets, as far as gallery regions and disks refer to them. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { sameId } from '../arm-id.ts';
import { TENANT_ID } from '../identity.ts';
import { isObject, type Json, type JsonObject, objectAt, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import { makesSetsAtOnce } from '../service-history.ts';
import { asResource, page, type Resource } from '../world.ts';
import { registerDiskReads, startDiskOperation } from './disk-operations.ts';
import { shownDisk, tagsOf } from './disk-shapes.ts';
import { requireLocation } from './locations.ts';

const type = 'Microsoft.Compute/diskEncryptionSets';

/** Registers the routes (recorded with API version 2022-03-02). */
export function registerDiskEncryptionSets(arm: Arm): void {
  registerDiskReads(arm, type);
  arm.route('PUT', inGroup(`${type}/{set}`), 'recordings', (request) => write(arm, request));
  arm.route('GET', inGroup(`${type}/{set}/associatedResources`), 'specification', (request) => {
    const users = arm.world
      .all()
      .filter((each) => refersTo(each.properties, request.id))
      .map(({ id }) => id);
    return { status: 200, body: page(users) };
  });
  arm.route('DELETE', inGroup(`${type}/{set}`), 'recordings', (request) =>
    arm.world.get(request.id) === undefined
      ? { status: 204 }
      : startDiskOperation(arm, request, { name: 'DELETE diskEncryptionSets' }),
  );
}

/** Whether it is encrypted with the set, itself or by one of its disks. */
function refersTo(value: Json | undefined, set: string): boolean {
  if (Array.isArray(value)) return value.some((each) => refersTo(each, set));
  if (!isObject(value)) return false;
  const { diskEncryptionSetId: id, diskEncryptionSet } = value;
  if (typeof id === 'string' && sameId(id, set)) return true;
  if (sameId(textAt(diskEncryptionSet, 'id'), set)) return true;
  return Object.values(value).some((each) => refersTo(each, set));
}

/** The first answer repeats the body and names nothing; the finished set has an identity. */
function write(arm: Arm, request: ArmRequest): Reply {
  const { body } = request;
  const existing = arm.world.get(request.id);
  const location = requireLocation(request, existing);
  const sent = objectAt(body, 'properties');
  const first: JsonObject = {
    location,
    ...tagsOf(body),
    ...(body.identity === undefined ? {} : { identity: body.identity }),
    properties: { ...sent, provisioningState: 'Updating' },
  };
  const final = finished(arm, request, existing, location);
  if (existing === undefined && makesSetsAtOnce(arm.now())) {
    return { status: 201, body: shownDisk(arm.world.put(final), request.apiVersion) };
  }
  if (existing === undefined) arm.world.put(asResource({ ...first, id: request.id }));
  return startDiskOperation(arm, request, {
    name: 'PUT diskEncryptionSets',
    reply: first,
    final: () => final,
  });
}

function finished(
  arm: Arm,
  request: ArmRequest,
  existing: Resource | undefined,
  location: string,
): Resource {
  const { body } = request;
  const sent = objectAt(body, 'properties');
  const principalId = textAt(existing, 'identity', 'principalId') ?? arm.random.uuid();
  const identity = isObject(body.identity)
    ? { ...body.identity, principalId, tenantId: TENANT_ID }
    : existing?.identity;
  return asResource({
    id: existing?.id ?? request.id,
    location: compactRegion(location),
    ...tagsOf(body),
    ...(identity === undefined ? {} : { identity }),
    properties: {
      ...sent,
      encryptionType: textAt(sent, 'encryptionType') ?? 'EncryptionAtRestWithCustomerKey',
      provisioningState: 'Succeeded',
    },
  });
}
