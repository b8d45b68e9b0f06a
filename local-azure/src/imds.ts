/**
 * The Instance Metadata Service's tokens for managed identities (learn, "How to use managed
 * identities on an Azure VM to acquire an access token"; texts also in azure-sdk-for-net#37278 and
 * in the Azure CLI's tests). Clients find it by `AZURE_POD_IDENTITY_AUTHORITY_HOST`, not by its
 * address. Whose metadata it is: the VM called `runner`, whose `identity` says what it has; without
 * such a VM it has the application as system-assigned and as user-assigned identity. That is
 * invented, as is the text that refuses forwarded requests.
 */
import type { Hono } from 'hono';
import { accessToken, knowsResource, type Principal, resourceNotKnown } from './access-token.ts';
import type { Env } from './arm.ts';
import { respond } from './arm.ts';
import { sameId } from './arm-id.ts';
import type { Cloud } from './cloud.ts';
import { CLIENT_ID, OBJECT_ID } from './identity.ts';
import { isObject, objectAt, textAt } from './json.ts';
import type { Random } from './random.ts';
import type { Resource, World } from './world.ts';

/** Registers `/metadata/identity/oauth2/token`. `tokenSeconds` is how long a token lives. */
export function registerImds(
  app: Hono<Env>,
  parts: { world: World; random: Random; tokenSeconds: number; cloud: Cloud; endpoint: string },
): void {
  app.get('/metadata/identity/oauth2/token', (context) => {
    const { searchParams: query } = new URL(context.req.url);
    if (context.req.header('metadata')?.toLowerCase() !== 'true')
      return refusal('bad_request_102', 'Required metadata header not specified');
    if (context.req.header('x-forwarded-for') !== undefined)
      return refusal('invalid_request', 'X-Forwarded-For header is not allowed');
    for (const name of ['api-version', 'resource'])
      if (!query.get(name))
        return refusal('invalid_request', `Required query variable '${name}' is missing`);
    const resource = query.get('resource') ?? '';
    const principal = principalOf(parts.world, query);
    if (principal === 'none') return refusal('invalid_request', 'Identity not found');
    if (principal === 'several') return refusal('invalid_request', SEVERAL);
    if (!knowsResource(resource, parts.cloud, parts.endpoint))
      return refusal('invalid_resource', resourceNotKnown(resource));
    const now = Math.floor(Date.now() / 1000);
    const body = {
      access_token: accessToken({ ...parts, audience: resource, principal }),
      client_id: principal.clientId,
      expires_in: String(parts.tokenSeconds),
      expires_on: String(now + parts.tokenSeconds),
      ext_expires_in: String(parts.tokenSeconds),
      not_before: String(now),
      resource,
      token_type: 'Bearer',
    };
    return respond({ status: 200, body });
  });
}

const SEVERAL =
  'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request';

const refusal = (error: string, error_description: string): Response =>
  respond({ status: 400, body: { error, error_description } });

/** The parameters that choose an identity, each with what it is compared with. */
const CHOICES = ['client_id', 'object_id', 'msi_res_id', 'mi_res_id'] as const;

function principalOf(world: World, query: URLSearchParams): Principal | 'none' | 'several' {
  const runner = world.all().find(isRunner);
  const choice = CHOICES.find((name) => query.has(name));
  const wanted = choice && (query.get(choice) ?? '');
  if (runner === undefined) {
    const all = [CLIENT_ID, OBJECT_ID];
    const known = wanted === undefined || all.includes(wanted.toLowerCase());
    return known ? { clientId: CLIENT_ID, objectId: OBJECT_ID } : 'none';
  }
  const identity = objectAt(runner, 'identity');
  const assigned = Object.entries(objectAt(identity, 'userAssignedIdentities')).flatMap(
    ([id, each]) => {
      const clientId = textAt(each, 'clientId') ?? '';
      const objectId = textAt(each, 'principalId') ?? '';
      return isObject(each) ? [{ id, clientId, objectId }] : [];
    },
  );
  if (wanted !== undefined) {
    const chosen = assigned.find(
      ({ id, clientId, objectId }) =>
        [clientId, objectId].includes(wanted.toLowerCase()) || sameId(id, wanted),
    );
    return chosen ?? 'none';
  }
  if (/SystemAssigned/i.test(textAt(identity, 'type') ?? '')) {
    // ARM does not show the client ID of a system-assigned identity.
    return { clientId: CLIENT_ID, objectId: textAt(identity, 'principalId') ?? OBJECT_ID };
  }
  // Without a system-assigned identity, a single user-assigned one is what is meant (learn, as above).
  return assigned.length > 1 ? 'several' : (assigned[0] ?? 'none');
}

const isRunner = ({ type, name }: Resource): boolean =>
  /\/virtualMachines$/i.test(type) && name.toLowerCase() === 'runner';
