/**
 * Workload identity federation: whether an ID token from GitHub proves that the caller is the
 * application, or a user-assigned identity. Federated credentials are resources of type
 * Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials. Those of an identity
 * that the world holds are its own; all others are the application's, which trusts every subject of
 * GitHub's where there are none. Texts: Entra's error codes; 700211 and 700212 from memory.
 */
import { parentId } from './arm-id.ts';
import type { Cloud } from './cloud.ts';
import { CLIENT_ID, GITHUB_ISSUER } from './identity.ts';
import { type JsonObject, listAt, numberAt, textAt } from './json.ts';
import { claimsOf, gitHubSigner } from './jwt.ts';
import type { Resource, World } from './world.ts';

/** Why an application is not let in: Entra's number and sentence. */
export interface AssertionProblem {
  readonly code: number;
  readonly message: string;
}

const HINT =
  'Check your federated identity credential Subject, Audience and Issuer against the presented ' +
  'assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

/**
 * Checks signature, issuer, audience, subject and age of an assertion; undefined when it is good.
 *
 * @param identity the user-assigned identity that it is to prove; undefined for the application
 */
export function checkAssertion(
  assertion: string,
  world: World,
  cloud: Cloud,
  identity?: Resource,
): AssertionProblem | undefined {
  const claims = claimsOf(assertion);
  if (claims === undefined) return malformed();
  const credentials = credentialsOf(world, identity);
  if (identity !== undefined && credentials.length === 0) return noCredentials(identity);
  const mismatch = checkFederation(claims, credentials, cloud);
  if (mismatch !== undefined) return mismatch;
  if (gitHubSigner.verify(assertion) === undefined) {
    const message = 'AADSTS50013: Assertion failed signature validation.';
    return { code: 50013, message };
  }
  return checkAge(claims);
}

/** The refusal of what is no token at all. */
export const malformed = (): AssertionProblem => ({
  code: 50027,
  message: 'AADSTS50027: JWT token is invalid or malformed.',
});

/** (AADSTS70025: Entra's error codes; the name in brackets is empty, as for managed identities.) */
function noCredentials(identity: Resource): AssertionProblem {
  const client = textAt(identity, 'properties', 'clientId') ?? '';
  const message = `AADSTS70025: The client '${client}'() has no configured federated identity credentials.`;
  return { code: 70025, message };
}

const clientOf = (identity: Resource | undefined): string =>
  (textAt(identity, 'properties', 'clientId') ?? CLIENT_ID).toLowerCase();

function credentialsOf(world: World, identity: Resource | undefined): Resource[] {
  return world
    .all()
    .filter(({ type }) => /\/federatedIdentityCredentials$/i.test(type))
    .filter(({ id }) => clientOf(world.get(parentId(id))) === clientOf(identity));
}

function checkFederation(
  claims: JsonObject,
  credentials: readonly Resource[],
  cloud: Cloud,
): AssertionProblem | undefined {
  const issuer = textAt(claims, 'iss') ?? '';
  const audience = textAt(claims, 'aud') ?? '';
  const subject = textAt(claims, 'sub') ?? '';
  const issuers = credentials.map((each) => textAt(each, 'properties', 'issuer'));
  if (!(credentials.length === 0 ? [GITHUB_ISSUER] : issuers).includes(issuer)) {
    return noMatch(700211, 'issuer', issuer);
  }
  const audiences = credentials.flatMap((each) => listAt(each, 'properties', 'audiences'));
  if (!(credentials.length === 0 ? [cloud.exchangeAudience] : audiences).includes(audience)) {
    return noMatch(700212, 'audience', audience);
  }
  // The comparison of subjects is case-sensitive.
  const subjects = credentials.map((each) => textAt(each, 'properties', 'subject'));
  if (credentials.length > 0 && !subjects.includes(subject)) {
    const sameButCase = subjects.some((each) => each?.toLowerCase() === subject.toLowerCase());
    if (sameButCase) return caseDiffers(subject);
    return noMatch(700213, 'subject', subject);
  }
  return undefined;
}

/** (Azure/login#515, #573.) */
function caseDiffers(subject: string): AssertionProblem {
  const message =
    'AADSTS7002138: No matching federated identity record found for presented assertion subject ' +
    `'${subject}'. The subject matches with case-insensitive comparison, but not with ` +
    `case-sensitive comparison. ${HINT}`;
  return { code: 7002138, message };
}

function noMatch(code: number, what: string, value: string): AssertionProblem {
  const message =
    `AADSTS${code}: No matching federated identity record found for presented assertion ` +
    `${what} '${value}'. Please note that the matching is done using a case-sensitive comparison. ${HINT}`;
  return { code, message };
}

/** How far ahead a client's clock may be; MSAL rounds `nbf` up. That there is one is known, not how much. */
const SKEW_SECONDS = 300;

/** Whether an assertion is used in its time, by the global `Date`. */
export function checkAge(claims: JsonObject): AssertionProblem | undefined {
  const now = Date.now() / 1000;
  const from = numberAt(claims, 'nbf') ?? 0;
  const until = numberAt(claims, 'exp') ?? 0;
  if (now >= from - SKEW_SECONDS && now < until) return undefined;
  const utc = (seconds: number): string =>
    Math.abs(seconds) > 8e12 ? '' : new Date(seconds * 1000).toISOString().replace('Z', '0000Z');
  const message =
    'AADSTS700024: Client assertion is not within its valid time range. Current time: ' +
    `${utc(now)}, assertion valid from ${utc(from)}, expiry time of assertion ${utc(until)}. ` +
    'Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .';
  return { code: 700024, message };
}
