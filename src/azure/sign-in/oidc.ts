import { ClientAssertionCredential, type TokenCredentialOptions } from '@azure/identity';
import { jsonIn, membersOf } from '../../domain/plain-objects.ts';
import type { Identity } from '../../domain/sign-in.ts';
import { codeIn, type Explanation, keepWhileFresh, type Method } from './method.ts';

/** An ID token is not used in its last seconds: clocks differ, and the exchange takes time. */
const SPARE_SECONDS = 60;

/**
 * GitHub OIDC. A fresh ID token is asked for whenever Entra is, so that a run outlives every token
 * (Entra answers AADSTS700024 after an hour otherwise); it is kept until a minute
 * before its own end, because MSAL asks twice for every exchange, and never stored.
 */
export function oidc(
  { tenantId, clientId }: Extract<Identity, { authType: 'oidc' }>,
  audience: string,
  getIdToken: (audience: string) => Promise<string>,
  entra: TokenCredentialOptions,
): Method {
  const assertion = keepWhileFresh(() => getIdToken(audience), endOfJwt, SPARE_SECONDS);
  let presented = { issuer: '', subject: '', audience };
  return {
    // Asked for here first: MSAL would wrap its failure beyond recognition.
    prepare: async () => {
      const { iss, sub, aud } = claimsOf(await assertion());
      presented = { issuer: String(iss), subject: String(sub), audience: String(aud) };
      return `GitHub OIDC as client ${clientId} in tenant ${tenantId} (issuer \`${iss}\`, subject \`${sub}\`, audience \`${aud}\`)`;
    },
    credential: new ClientAssertionCredential(tenantId, clientId, assertion, entra),
    explain: (message) => {
      if (isUnmatched(message))
        return {
          why: `No federated credential of this client has this issuer, subject and audience. ${hint(message, presented.subject)}`,
          remedy: `To add one to an app registration, paste \`${commandFor(clientId, presented)}\`; to a managed identity, \`az identity federated-credential create\` with the same values.`,
        };
      return message.includes('AADSTS700024') ? CLOCK : undefined;
    },
  };
}

const CLOCK: Explanation = {
  why: "The ID token was outside its validity, although it was fetched just now: the runner's clock is probably wrong.",
  remedy: 'Synchronise the clock of the runner.',
};

/** When a JWT ends, in milliseconds; NaN when it does not say. */
export function endOfJwt(token: string): number {
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? exp * 1000 : Number.NaN;
}

/** What a JWT says, unverified: for `exp` and for telling people which subject was presented. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return membersOf(jsonIn(payload));
}

/** Entra's codes for "No matching federated identity record"; the text finds those still to come. */
const NO_MATCH = /^AADSTS(?:70021\d*|70025|7002138)$/;

/**
 * Whether Entra knows no federated credential for the token it was shown. Learn, "Workload identity
 * federation": issuer, subject and audience must be equal, case included.
 */
const isUnmatched = (message: string): boolean =>
  /no matching federated identity record/i.test(message) || NO_MATCH.test(codeIn(message) ?? '');

function hint(message: string, subject: string): string {
  // AADSTS7002138; the other codes say "case-sensitive" too, whatever differs.
  if (/matches with case-insensitive|AADSTS7002138/i.test(message))
    return 'Only upper and lower case differ: compare environment, organization, repository and branch with the credential.';
  const names = withoutIds(subject);
  if (names !== subject)
    return `A credential for \`${names}\` does not match: this repository's subjects contain IDs, as those of repositories created, renamed or transferred since July 2026 do.`;
  return 'The subject depends on the trigger: a branch, a tag, a pull request and an environment have different ones.';
}

/** The subject as repositories without immutable subject claims have it. */
const withoutIds = (subject: string): string =>
  subject.replace(/^repo:([^/@:]+)@\d+\/([^/@:]+)@\d+:/, 'repo:$1/$2:');

/** The command that adds the credential that matches. */
function commandFor(
  clientId: string,
  { issuer, subject, audience }: Record<'issuer' | 'subject' | 'audience', string>,
): string {
  const slug = withoutIds(subject)
    .replace(/^repo:/, '')
    .replace(/(?:ref:)?refs\/(?:heads|tags)\//, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const name = `github-${slug}`.slice(0, 120);
  const parameters = JSON.stringify({ name, issuer, subject, audiences: [audience] });
  return `az ad app federated-credential create --id ${clientId} --parameters '${parameters.replaceAll("'", `'\\''`)}'`;
}
