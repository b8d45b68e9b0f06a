/**
 * Certificates of the application: whether an assertion that it has signed itself proves that it is
 * the application (learn, "Microsoft identity platform application authentication certificate
 * credentials"). Thumbprints as `x5t` (SHA-1, RS256) or `x5t#S256` (SHA-256, PS256).
 */
import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import type { AssertionProblem } from './assertion.ts';
import { checkAge, malformed } from './assertion.ts';
import { CLIENT_ID } from './identity.ts';
import { textAt } from './json.ts';
import { claimsOf, headOf } from './jwt.ts';

const REVIEW =
  'Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .';

/** Whether an assertion claims to be signed by the application itself, not by a federated issuer. */
export const isSelfIssued = (assertion: string): boolean =>
  textAt(claimsOf(assertion), 'iss')?.toLowerCase() === CLIENT_ID;

/**
 * Checks key, signature, audience and age of an assertion that the application has signed.
 * `certificates` are those registered with it, PEM; `audiences` what the assertion may be meant for.
 * Codes: 700027 and its reasons as reported in msal-js#8339 and azure-sdk-for-net#29007, 50027 in
 * msal-dotnet#124, 700023 in the documentation.
 */
export function checkCertificateAssertion(
  assertion: string,
  certificates: readonly string[],
  audiences: readonly string[],
): AssertionProblem | undefined {
  const head = headOf(assertion);
  const claims = claimsOf(assertion);
  if (head === undefined || claims === undefined) return malformed();
  const thumbprint = textAt(head, 'x5t#S256') ?? textAt(head, 'x5t');
  if (thumbprint === undefined) {
    const message =
      'AADSTS50027: JWT token is invalid or malformed. No certificate thumbprint specified in token header.';
    return { code: 50027, message };
  }
  const hash = textAt(head, 'x5t#S256') === undefined ? 'sha1' : 'sha256';
  const certificate = certificates
    .map((pem) => new X509Certificate(pem))
    .find(({ raw }) => createHash(hash).update(raw).digest('base64url') === thumbprint);
  const used = `Thumbprint of key used by client: '${Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase()}'`;
  if (certificate === undefined) return unregistered(`The key was not found., ${used}`);
  const found = `Found key 'Start=${certificate.validFrom}, End=${certificate.validTo}'`;
  if (!isSignedBy(assertion, certificate, textAt(head, 'alg')))
    return invalid(
      `The provided signature value did not match the expected signature value., ${used}, ${found}`,
    );
  if (Date.parse(certificate.validTo) < Date.now())
    return invalid(`The key used is expired., ${used}, ${found}`);
  if (!audiences.includes(textAt(claims, 'aud') ?? '')) {
    const message = `AADSTS700023: Client assertion audience claim does not match Realm issuer. ${REVIEW}`;
    return { code: 700023, message };
  }
  return checkAge(claims);
}

function isSignedBy(
  assertion: string,
  { publicKey }: X509Certificate,
  algorithm: string | undefined,
): boolean {
  const at = assertion.lastIndexOf('.');
  const content = Buffer.from(assertion.slice(0, at));
  const signature = Buffer.from(assertion.slice(at + 1), 'base64url');
  if (algorithm === 'RS256') return verify('sha256', content, publicKey, signature);
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  const key = { key: publicKey, padding, saltLength };
  return algorithm === 'PS256' && verify('sha256', content, key, signature);
}

function unregistered(reason: string): AssertionProblem {
  const message =
    'AADSTS700027: The certificate with identifier used to sign the client assertion is not ' +
    `registered on application. [Reason - ${reason}, Please visit the Azure Portal, Graph Explorer ` +
    `or directly use MS Graph to see configured keys for app Id '${CLIENT_ID}'. ${REVIEW}]`;
  return { code: 700027, message };
}

function invalid(reason: string): AssertionProblem {
  const message = `AADSTS700027: Client assertion contains an invalid signature. [Reason - ${reason}, ${REVIEW}]`;
  return { code: 700027, message };
}
