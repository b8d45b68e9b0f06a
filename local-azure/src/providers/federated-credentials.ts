/**
 * Federated credentials of user-assigned identities (azure-rest-api-specs' example
 * FederatedIdentityCredentialCreate). Which of them lets whom in: `assertion.ts`.
 */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { idKey, parentId } from '../arm-id.ts';
import { armError } from '../errors.ts';
import { listAt, objectAt, textAt } from '../json.ts';
import { getHandler, listHandler } from '../stored.ts';
import { asResource, type Resource } from '../world.ts';

const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials';
const ALL =
  'Microsoft.ManagedIdentity/userAssignedIdentities/{identity}/federatedIdentityCredentials';

/** (Learn, "Important considerations and restrictions for federated identity credentials".) */
const MOST = 20;

/** Registers the routes; nothing of it takes time. */
export function registerFederatedCredentials(arm: Arm): void {
  const one = inGroup(`${ALL}/{credential}`);
  arm.route('GET', inGroup(ALL), 'specification', listHandler(arm, TYPE));
  arm.route('GET', one, 'specification', getHandler(arm));
  arm.route('PUT', one, 'specification', (request) => write(arm, request));
  arm.route('DELETE', one, 'specification', ({ id }) => ({
    status: arm.world.delete(id) ? 200 : 204,
  }));
}

function write(arm: Arm, request: ArmRequest): Reply {
  const existing = arm.world.get(request.id);
  const { issuer, subject, audiences } = objectAt(request.body, 'properties');
  const isComplete = [issuer, subject].every((each) => typeof each === 'string' && each !== '');
  if (!isComplete || listAt({ audiences }, 'audiences').length === 0) {
    const message =
      "The request format was unexpected. Federated Identity Credential must specify 'issuer', " +
      "'subject' and 'audience'.";
    throw armError(400, 'BadRequest', message);
  }
  const made = asResource({ id: request.id, properties: { issuer, subject, audiences } });
  requireRoom(arm, made, existing);
  return { status: existing === undefined ? 201 : 200, body: arm.world.put(made) };
}

/** (Pairs: bicep-types-az#2029, its code from memory; the limit's code and text are invented.) */
function requireRoom(arm: Arm, made: Resource, existing: Resource | undefined): void {
  const others = arm.world
    .list(parentId(made.id), TYPE)
    .filter(({ id }) => idKey(id) !== idKey(made.id));
  const same = (member: string) => (other: Resource) =>
    textAt(other, 'properties', member) === textAt(made, 'properties', member);
  if (others.some((other) => same('issuer')(other) && same('subject')(other))) {
    const message = 'Issuer and subject combination already exists for this Managed Identity.';
    throw armError(409, 'Conflict', message);
  }
  if (existing !== undefined || others.length < MOST) return;
  const message = `An identity can have ${MOST} federated identity credentials at most.`;
  throw armError(400, 'BadRequest', message);
}
