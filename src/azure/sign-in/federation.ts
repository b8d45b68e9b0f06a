import { codeIn } from './entra-errors.ts';
import type { Explanation } from './method.ts';

/** What an ID token says of the workflow: Entra compares it with its federated credentials. */
export interface Presented {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** Entra's codes for "No matching federated identity record"; the text finds those still to come. */
const NO_MATCH = /^AADSTS(?:70021\d*|70025|7002138)$/;

/** Whether Entra knows no federated credential for the token it was shown. */
export const isUnmatched = (message: string): boolean =>
  /no matching federated identity record/i.test(message) || NO_MATCH.test(codeIn(message) ?? '');

/**
 * Why no federated credential matches, and the command that adds the one that does. Learn,
 * "Workload identity federation": issuer, subject and audience must be equal, case included.
 */
export function explainUnmatched(
  message: string,
  clientId: string,
  presented: Presented,
): Explanation {
  return {
    why: `No federated credential of this client has this issuer, subject and audience. ${hint(message, presented.subject)}`,
    remedy: `To add one to an app registration, paste \`${commandFor(clientId, presented)}\`; to a managed identity, \`az identity federated-credential create\` with the same values.`,
  };
}

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

function commandFor(clientId: string, { issuer, subject, audience }: Presented): string {
  const slug = withoutIds(subject)
    .replace(/^repo:/, '')
    .replace(/(?:ref:)?refs\/(?:heads|tags)\//, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const name = `github-${slug}`.slice(0, 120);
  const parameters = JSON.stringify({ name, issuer, subject, audiences: [audience] });
  return `az ad app federated-credential create --id ${clientId} --parameters '${parameters.replaceAll("'", `'\\''`)}'`;
}
