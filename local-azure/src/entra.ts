/**
 * Microsoft Entra: openid-configuration, keys and the token endpoint for applications. Token times
 * follow the global `Date`, not the emulated clock: advancing that ages no tokens.
 */
import type { Hono } from 'hono';
import { accessToken, knowsResource, resourceNotKnown } from './access-token.ts';
import type { Env } from './arm.ts';
import { respond } from './arm.ts';
import { type AssertionProblem, checkAssertion } from './assertion.ts';
import { checkCertificateAssertion, isSelfIssued } from './client-certificate.ts';
import { type Cloud, cloudOf } from './cloud.ts';
import { CLIENT_ID, CLIENT_SECRET, EXPIRED_CLIENT_SECRET, TENANT_ID } from './identity.ts';
import { type JsonObject, textAt } from './json.ts';
import { entraSigner } from './jwt.ts';
import type { Random } from './random.ts';
import { resourceAsked } from './scope.ts';
import type { Resource, World } from './world.ts';

/** What Entra is made of. */
interface EntraParts {
  readonly world: World;
  readonly random: Random;
  /** How long an access token lives, in real seconds. */
  readonly tokenSeconds: number;
  readonly cloud: Cloud;
  /** Base URL of ARM under its local name. */
  readonly endpoint: string;
  /** Certificates that are registered with the application, PEM. */
  readonly certificates: readonly string[];
}

/** Registers Entra's routes. */
export function registerEntra(app: Hono<Env>, parts: EntraParts): void {
  for (const version of ['', '/v2.0']) {
    app.get(`/:tenant${version}/.well-known/openid-configuration`, (context) => {
      const tenant = context.req.param('tenant') ?? '';
      const { origin } = new URL(context.req.url);
      if (!isKnownTenant(tenant, origin, parts.cloud)) return tenantNotFound(tenant, parts.random);
      return respond({ status: 200, body: openIdConfiguration(origin, tenant, version) });
    });
  }
  for (const path of ['/:tenant/discovery/v2.0/keys', '/:tenant/discovery/keys']) {
    app.get(path, () => respond({ status: 200, body: { keys: [entraSigner.jwk()] } }));
  }
  app.get('/:tenant/discovery/instance', (context) => {
    const { origin, host } = new URL(context.req.url);
    const tenant_discovery_endpoint = `${origin}/${TENANT_ID}/v2.0/.well-known/openid-configuration`;
    const metadata = [{ preferred_network: host, preferred_cache: host, aliases: [host] }];
    const body = { tenant_discovery_endpoint, 'api-version': '1.1', metadata };
    return respond({ status: 200, body });
  });
  for (const path of ['/:tenant/oauth2/v2.0/token', '/:tenant/oauth2/token']) {
    app.post(path, (context) => {
      const form = new URLSearchParams(context.env.text);
      const { origin } = new URL(context.req.url);
      return issueToken({ ...parts, form, origin, tenant: context.req.param('tenant') ?? '' });
    });
  }
}

interface TokenRequest extends EntraParts {
  readonly form: URLSearchParams;
  readonly origin: string;
  readonly tenant: string;
}

function issueToken(request: TokenRequest): Response {
  const { form, tenant, random, cloud, origin } = request;
  if (!isKnownTenant(tenant, origin, cloud)) return tenantNotFound(tenant, random);
  const grant = form.get('grant_type');
  if (grant !== 'client_credentials') {
    const message = `AADSTS70003: The app requested an unsupported grant type '${grant ?? ''}'.`;
    return entraError(400, 'unsupported_grant_type', 70003, message, random);
  }
  const client = form.get('client_id') ?? '';
  const identity = identityOf(request.world, client);
  if (client.toLowerCase() !== CLIENT_ID && identity === undefined) {
    const message =
      `AADSTS700016: Application with identifier '${client}' was not found in the directory ` +
      `'${tenant}'. This can happen if the application has not been installed by the ` +
      'administrator of the tenant or consented to by any user in the tenant.';
    return entraError(400, 'unauthorized_client', 700016, message, random);
  }
  const problem = checkCredential(request, identity);
  if (problem !== undefined) {
    return entraError(401, 'invalid_client', problem.code, problem.message, random);
  }
  const audience = resourceAsked(form, origin);
  if (typeof audience !== 'string') {
    return entraError(400, 'invalid_scope', audience.code, audience.message, random);
  }
  if (!knowsResource(audience, cloud, request.endpoint)) {
    return entraError(400, 'invalid_resource', 500011, resourceNotKnown(audience), random);
  }
  return respond({
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: request.tokenSeconds,
      ext_expires_in: request.tokenSeconds,
      access_token: accessToken({
        ...request,
        audience,
        ...(identity && {
          principal: {
            clientId: client.toLowerCase(),
            objectId: textAt(identity, 'properties', 'principalId') ?? '',
          },
        }),
      }),
    },
  });
}

/** The user-assigned identity of the world with this client ID; the application is none. */
function identityOf(world: World, client: string): Resource | undefined {
  if (client.toLowerCase() === CLIENT_ID) return undefined;
  const all = world.all().filter(({ type }) => /\/userAssignedIdentities$/i.test(type));
  return all.find(
    (each) => textAt(each, 'properties', 'clientId')?.toLowerCase() === client.toLowerCase(),
  );
}

/** What is wrong with how the application, or an identity, proves who it is. */
function checkCredential(
  request: TokenRequest,
  identity: Resource | undefined,
): AssertionProblem | undefined {
  const { form, world, cloud, certificates, origin, tenant } = request;
  const assertion = form.get('client_assertion');
  if (assertion !== null && isSelfIssued(assertion)) {
    const authority = `${origin}/${tenant}`;
    const audiences = [
      `${authority}/oauth2/v2.0/token`,
      `${authority}/oauth2/token`,
      `${authority}/v2.0`,
    ];
    return checkCertificateAssertion(assertion, certificates, audiences);
  }
  if (assertion !== null) return checkAssertion(assertion, world, cloud, identity);
  const secret = form.get('client_secret');
  if (secret === CLIENT_SECRET && identity === undefined) return undefined;
  if (secret === EXPIRED_CLIENT_SECRET) {
    const message =
      `AADSTS7000222: The provided client secret keys for app '${CLIENT_ID}' are expired. Visit the ` +
      'Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider ' +
      'using certificate credentials for added security: https://aka.ms/certCreds.';
    return { code: 7000222, message };
  }
  if (secret !== null) {
    const message =
      'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request ' +
      `is the client secret value, not the client secret ID, for a secret added to app '${CLIENT_ID}'.`;
    return { code: 7000215, message };
  }
  const message =
    "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or " +
    "'client_secret'.";
  return { code: 7000218, message };
}

/** A tenant is in one cloud; the others know nothing of it. */
function isKnownTenant(tenant: string, origin: string, cloud: Cloud): boolean {
  const asked = cloudOf(origin) ?? cloud;
  if (asked.name !== cloud.name) return false;
  return [TENANT_ID, 'common', 'organizations'].includes(tenant.toLowerCase());
}

function tenantNotFound(tenant: string, random: Random): Response {
  const message =
    `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID ` +
    'and are signing into the correct cloud. Check with your subscription administrator, this may ' +
    'happen if there are no active subscriptions for the tenant.';
  return entraError(400, 'invalid_request', 90002, message, random);
}

/** Entra's error shape (Microsoft identity platform, "Authentication and authorization error codes"). */
function entraError(
  status: number,
  error: string,
  code: number,
  message: string,
  random: Random,
): Response {
  const timestamp = `${new Date(Date.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trace_id = random.uuid();
  const correlation_id = random.uuid();
  const tail = `Trace ID: ${trace_id} Correlation ID: ${correlation_id} Timestamp: ${timestamp}`;
  const body: JsonObject = {
    error,
    error_description: `${message} ${tail}`,
    error_codes: [code],
    timestamp,
    trace_id,
    correlation_id,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  };
  return respond({ status, body });
}

/** What MSAL needs of the document: endpoints and an issuer on the same host. */
function openIdConfiguration(origin: string, tenant: string, version: string): JsonObject {
  const base = `${origin}/${tenant}`;
  return {
    token_endpoint: `${base}/oauth2${version}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    jwks_uri: `${base}/discovery${version}/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: version === '' ? `${base}/` : `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2${version}/authorize`,
    device_authorization_endpoint: `${base}/oauth2${version}/devicecode`,
    end_session_endpoint: `${base}/oauth2${version}/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(origin).host,
  };
}
