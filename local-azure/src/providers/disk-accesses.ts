/** Microsoft.Compute/diskAccesses: what private links to disks are made through. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { type JsonObject, objectAt, textAt } from '../json.ts';
import { diskAnswers } from '../service-history.ts';
import { asResource } from '../world.ts';
import { registerDiskReads, startDiskOperation } from './disk-operations.ts';
import { createdAt, tagsOf } from './disk-shapes.ts';
import { requireLocation } from './locations.ts';

const type = 'Microsoft.Compute/diskAccesses';

/** Registers the routes (recorded 2020-11 to 2025-02, test_disk_access). */
export function registerDiskAccesses(arm: Arm): void {
  registerDiskReads(arm, type);
  arm.route('PUT', inGroup(`${type}/{name}`), 'recordings', (request) => write(arm, request));
  arm.route('DELETE', inGroup(`${type}/{name}`), 'recordings', (request) =>
    arm.world.get(request.id) === undefined ? { status: 204 } : remove(arm, request),
  );
}

/** The answer says that it is JSON, and is empty (recorded). */
function remove(arm: Arm, request: ArmRequest): Reply {
  const reply = startDiskOperation(arm, request, { name: 'DELETE diskAccesses' });
  const headers = { ...reply.headers, 'content-type': 'application/json; charset=utf-8' };
  return { ...reply, headers };
}

/** The first answer names the resource and repeats the body. */
function write(arm: Arm, request: ArmRequest): Reply {
  const { body } = request;
  const existing = arm.world.get(request.id);
  const location = requireLocation(request, existing);
  const { id, name, type: own } = asResource({ id: request.id });
  const { properties: sent } = body;
  const first: JsonObject = {
    name,
    ...(diskAnswers(arm.now()).hasId ? { id } : {}),
    ...{ type: own, location },
    ...tagsOf(body),
    ...(sent === undefined ? {} : { properties: objectAt(body, 'properties') }),
  };
  const timeCreated = textAt(existing, 'properties', 'timeCreated');
  const final = asResource({
    id,
    location,
    ...tagsOf(body),
    properties: {
      provisioningState: 'Succeeded',
      ...(timeCreated === undefined ? createdAt(arm.now()) : { timeCreated }),
    },
  });
  if (existing === undefined) arm.world.put(final);
  return startDiskOperation(arm, request, {
    name: 'PUT diskAccesses',
    reply: first,
    final: () => final,
  });
}
