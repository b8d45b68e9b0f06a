import { describe, expect, it } from 'vitest';
import { certificateProblem } from '../../../src/domain/certificate.ts';

describe('a certificate that is not accepted', () => {
  it.each([
    ['self-signed certificate', /private certificate authority/],
    ['self-signed certificate in certificate chain', /private certificate authority/],
    ['self signed certificate in certificate chain', /private certificate authority/],
    [
      'unable to verify the first certificate; if the root CA is …',
      /private certificate authority/,
    ],
    ['unable to get local issuer certificate', /private certificate authority/],
    ['unable to get issuer certificate', /private certificate authority/],
    ['certificate has expired', /out of date/],
    ['certificate is not yet valid', /out of date/],
    [
      "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames",
      /Another server/,
    ],
  ])('%s', (message, means) => {
    const problem = certificateProblem(`Error message: ${message}`, 'login.example');
    expect(problem?.why).toMatch(means);
    expect(problem?.why).toContain('`login.example`');
    expect(problem?.remedy).toContain('NODE_EXTRA_CA_CERTS');
  });

  it.each(['connect ECONNREFUSED 127.0.0.1:9', 'socket hang up', 'getaddrinfo ENOTFOUND a'])(
    '%s is none',
    (message) => expect(certificateProblem(message, 'a')).toBeUndefined(),
  );
});
