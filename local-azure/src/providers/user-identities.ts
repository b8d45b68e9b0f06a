/** User-assigned managed identities (azure-rest-api-specs' example IdentityCreate). */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { TENANT_ID } from '../identity.ts';
import { isObject, textAt } from '../json.ts';
import { compactRegion } from '../regions.ts';
import { registerReads } from '../stored.ts';
import { asResource } from '../world.ts';
import { requireLocation } from './locations.ts';

const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** Registers the routes; nothing of it takes time. */
export function registerUserIdentities(arm: Arm): void {
  registerReads(arm, TYPE, 'specification');
  const one = inGroup(`${TYPE}/{identity}`);
  arm.route('PUT', one, 'specification', (request) => write(arm, request));
  arm.route('PATCH', one, 'specification', (request) => write(arm, request));
  arm.route('DELETE', one, 'specification', ({ id }) => ({
    status: arm.world.delete(id) ? 200 : 204,
  }));
}

function write(arm: Arm, request: ArmRequest): Reply {
  const { body, id } = request;
  const existing = arm.world.get(id);
  const location =
    textAt(existing, 'location') ?? compactRegion(requireLocation(request, existing));
  const identity = asResource({
    id,
    location,
    tags: isObject(body.tags) ? body.tags : (existing?.tags ?? {}),
    properties: existing?.properties ?? {
      isolationScope: 'None',
      tenantId: TENANT_ID,
      principalId: arm.random.uuid(),
      clientId: arm.random.uuid(),
    },
  });
  return { status: existing === undefined ? 201 : 200, body: arm.world.put(identity) };
}
