import { ClientAssertionCredential, type TokenCredentialOptions } from '@azure/identity';
import { explainUnmatched, isUnmatched, type Presented } from './federation.ts';
import { claimsOf, endOfJwt, keepWhileFresh } from './freshness.ts';
import type { Explanation, GetIdToken, Method } from './method.ts';

/** An ID token is not used in its last seconds: clocks differ, and the exchange takes time. */
const SPARE_SECONDS = 60;

interface OidcOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly audience: string;
  readonly getIdToken: GetIdToken;
  readonly entra: TokenCredentialOptions;
}

/**
 * GitHub OIDC. A fresh ID token is asked for whenever Entra is, so that a run outlives every token
 * (Entra answers AADSTS700024 after an hour otherwise); it is kept until a minute
 * before its own end, because MSAL asks twice for every exchange, and never stored.
 */
export function oidc({ tenantId, clientId, audience, getIdToken, entra }: OidcOptions): Method {
  const assertion = keepWhileFresh(() => getIdToken(audience), endOfJwt, SPARE_SECONDS);
  let presented: Presented = { issuer: '', subject: '', audience };
  return {
    // Asked for here first: MSAL would wrap its failure beyond recognition.
    prepare: async () => {
      const { iss, sub, aud } = claimsOf(await assertion());
      presented = { issuer: String(iss), subject: String(sub), audience: String(aud) };
      return `GitHub OIDC as client ${clientId} in tenant ${tenantId} (issuer \`${iss}\`, subject \`${sub}\`, audience \`${aud}\`)`;
    },
    credential: new ClientAssertionCredential(tenantId, clientId, assertion, entra),
    explain: (message) => {
      if (isUnmatched(message)) return explainUnmatched(message, clientId, presented);
      return message.includes('AADSTS700024') ? CLOCK : undefined;
    },
  };
}

const CLOCK: Explanation = {
  why: "The ID token was outside its validity, although it was fetched just now: the runner's clock is probably wrong.",
  remedy: 'Synchronise the clock of the runner.',
};
