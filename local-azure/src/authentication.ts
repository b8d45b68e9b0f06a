/** ARM's check of access tokens: signature, audience and age, by the global `Date`. */
import { type Cloud, cloudOf } from './cloud.ts';
import { ArmError } from './errors.ts';
import { CLIENT_ID, OBJECT_ID, TENANT_ID } from './identity.ts';
import { numberAt, textAt } from './json.ts';
import { claimsOf, entraSigner } from './jwt.ts';

/** Who asks. */
export interface Principal {
  /** The application. */
  readonly clientId: string;
  /** Its service principal, which roles are assigned to. */
  readonly objectId: string;
}

/** Whom a request's token names, good or not; the service account when it has none to tell. */
export function principalOf(request: Request): Principal {
  const claims = claimsOf(bearer(request.headers.get('authorization') ?? ''));
  return {
    clientId: textAt(claims, 'appid') ?? CLIENT_ID,
    objectId: textAt(claims, 'oid') ?? OBJECT_ID,
  };
}

const bearer = (header: string): string => header.replace(/^Bearer\s+/i, '');

/**
 * Throws ARM's 401 with its challenge unless the request carries a good access token: one that is
 * meant for ARM of the cloud that its host names, or else of `cloud`; beside those audiences the
 * origin itself is good.
 */
export function requireToken(request: Request, cloud: Cloud): void {
  const { origin } = new URL(request.url);
  const audiences = (cloudOf(origin) ?? cloud).armAudiences;
  const header = request.headers.get('authorization');
  if (header === null) {
    const message = "Authentication failed. The 'Authorization' header is missing.";
    const described = "The authentication failed because of missing 'Authorization' header.";
    throw unauthorized(origin, 'AuthenticationFailed', message, described);
  }
  const claims = entraSigner.verify(bearer(header));
  if (claims === undefined) {
    throw unauthorized(origin, 'InvalidAuthenticationToken', 'The access token is invalid.');
  }
  const expires = numberAt(claims, 'exp') ?? 0;
  if (Date.now() / 1000 >= expires) {
    const message =
      `The access token expiry UTC time '${american(expires * 1000)}' is earlier than current ` +
      `UTC time '${american(Date.now())}'.`;
    throw unauthorized(origin, 'ExpiredAuthenticationToken', message);
  }
  const audience = (textAt(claims, 'aud') ?? '').replace(/\/$/, '');
  if (audience === origin || audiences.includes(audience)) return;
  const message =
    `The access token has been obtained for wrong audience or resource '${audience}'. It should ` +
    `exactly match with one of the allowed audiences '${origin}/','${audiences.join("/','")}/'.`;
  throw unauthorized(origin, 'InvalidAuthenticationTokenAudience', message);
}

function unauthorized(
  origin: string,
  code: string,
  message: string,
  described = message,
): ArmError {
  const challenge =
    `Bearer authorization_uri="${origin}/${TENANT_ID}", error="invalid_token", ` +
    `error_description="${described}"`;
  return new ArmError(401, { code, message }, { 'www-authenticate': challenge });
}

/** The way ARM writes times in these messages, e.g. `8/17/2017 10:54:41 PM`. */
function american(milliseconds: number): string {
  const options = { timeZone: 'UTC', hour12: true } as const;
  return new Date(milliseconds).toLocaleString('en-US', options).replace(',', '');
}
