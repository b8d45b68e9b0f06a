/** Access tokens of Microsoft Entra: what they say, and for which resources there are any. */
import type { Cloud } from './cloud.ts';
import { CLIENT_ID, OBJECT_ID, TENANT_ID } from './identity.ts';
import { entraSigner } from './jwt.ts';
import type { Random } from './random.ts';

/** Who an access token is for. */
export interface Principal {
  readonly clientId: string;
  readonly objectId: string;
}

/** An access token, by default for the application. */
export function accessToken(parts: {
  readonly audience: string;
  readonly tokenSeconds: number;
  readonly random: Random;
  readonly cloud: Cloud;
  readonly principal?: Principal;
}): string {
  const { audience, tokenSeconds, random, cloud } = parts;
  const { clientId, objectId } = parts.principal ?? { clientId: CLIENT_ID, objectId: OBJECT_ID };
  const now = Math.floor(Date.now() / 1000);
  const issuer = `${cloud.tokenIssuer}/${TENANT_ID}/`;
  return entraSigner.sign({
    aud: audience,
    iss: issuer,
    iat: now,
    nbf: now,
    exp: now + tokenSeconds,
    aio: random.hex(32),
    appid: clientId,
    appidacr: '2',
    idp: issuer,
    idtyp: 'app',
    oid: objectId,
    sub: objectId,
    tid: TENANT_ID,
    uti: random.hex(22),
    ver: '1.0',
  });
}

/** Whether Entra of this cloud gives tokens for a resource; beside its own, for `endpoint`. */
export function knowsResource(resource: string, cloud: Cloud, endpoint: string): boolean {
  const known = [endpoint, ...cloud.armAudiences, ...cloud.otherAudiences];
  return known.includes(resource.replace(/\/$/, ''));
}

/** The refusal of any other resource (azure-cli#22831). */
export const resourceNotKnown = (resource: string): string =>
  `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ` +
  'Contoso. This can happen if the application has not been installed by the administrator of ' +
  'the tenant or consented to by any user in the tenant. You might have sent your ' +
  'authentication request to the wrong tenant.';
