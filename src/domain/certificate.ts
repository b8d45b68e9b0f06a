/** Node's words for OpenSSL's verification errors (Node.js documentation, "TLS", "X509 certificate error codes"). */
const KINDS = [
  {
    says: /self[- ]signed certificate|unable to (?:verify|get)\b.*\bcertificate|certificate (?:is )?not trusted|invalid CA certificate|certificate (?:chain too long|rejected|signature failure)/i,
    means: 'A proxy that inspects traffic, or a private certificate authority, has signed it',
    remedy:
      "Put the PEM file of that authority on the runner, and set `NODE_EXTRA_CA_CERTS` to its path, in the step's `env` or in the environment of the runner.",
  },
  {
    says: /does not match certificate's altnames/i,
    means: 'Another server than the one that was asked for has answered',
    remedy:
      'Check name resolution and proxy of the runner. A private certificate authority goes into `NODE_EXTRA_CA_CERTS`; it does not help against a wrong name.',
  },
  {
    says: /certificate (?:has expired|is not yet valid|revoked)/i,
    means: 'Either the certificate is out of date, or the clock of the runner is wrong',
    remedy:
      'Compare the clock of the runner with the dates of the certificate. Where a proxy or a private authority signs it, renew it there; `NODE_EXTRA_CA_CERTS` does not help against its dates.',
  },
];

/**
 * Reads in a connection's error whether the server's certificate was not accepted: that does not
 * pass, so nothing is tried again.
 *
 * @param message of the error, as Node words it
 * @param host whose certificate it is
 * @returns why it is not accepted, and what to do
 */
export function certificateProblem(message: string, host: string) {
  for (const { says, means, remedy } of KINDS) {
    const [said] = says.exec(message) ?? [];
    if (said !== undefined)
      return {
        why: `The runner does not accept the certificate of \`${host}\` (${said}). ${means}.`,
        remedy,
      };
  }
  return undefined;
}
