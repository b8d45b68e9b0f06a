/** A throw-away certificate authority with a server certificate for loopback HTTPS, and client certificates. */
// Side effect: x509's dependency injection refuses to load without this polyfill.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** PEM texts: what a client trusts, and what the server shows. */
interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

/**
 * Makes both for `localhost`, 127.0.0.1 and these hosts, valid from yesterday for 30 days. They carry subject
 * and authority key identifiers, which Python 3.13's strict verification demands.
 */
export async function makeCertificates(hosts: readonly string[] = []): Promise<Certificates> {
  x509.cryptoProvider.set(crypto);
  const notBefore = new Date(Date.now() - DAY);
  const notAfter = new Date(Date.now() + 30 * DAY);
  const caKeys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Local Azure throw-away CA',
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: ca.subject,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        ...hosts.map((value) => ({ type: 'dns', value }) as const),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = x509.PemConverter.encode(der, 'PRIVATE KEY');
  return { ca: ca.toString('pem'), certificate: leaf.toString('pem'), key };
}

/** PEM texts of a client certificate that has signed itself, and its private key. */
export interface ClientCertificate {
  readonly certificate: string;
  /** PKCS #8, not encrypted. */
  readonly key: string;
}

/** Makes one with an RSA key, as Entra wants it; by default good from yesterday for 30 days. */
export async function makeClientCertificate(
  notAfter = new Date(Date.now() + 30 * DAY),
): Promise<ClientCertificate> {
  x509.cryptoProvider.set(crypto);
  const publicExponent = new Uint8Array([1, 0, 1]);
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent,
  };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '03',
    name: 'CN=golden-image',
    notBefore: new Date(notAfter.getTime() - 31 * DAY),
    notAfter,
    signingAlgorithm: algorithm,
    keys,
  });
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: made.toString('pem'), key: x509.PemConverter.encode(der, 'PRIVATE KEY') };
}
