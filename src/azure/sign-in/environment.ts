import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredentialOptions,
} from '@azure/identity';
import { Failure } from '../../domain/failure.ts';
import type { Identity } from '../../domain/sign-in.ts';
import type { Method } from './method.ts';

/** A client secret or certificate from the environment, as the SDK's `EnvironmentCredential`. */
export function environment(
  { tenantId, clientId, proof }: Extract<Identity, { authType: 'environment' }>,
  entra: TokenCredentialOptions,
): Method {
  const as = `as client ${clientId} in tenant ${tenantId}`;
  if ('secret' in proof)
    return {
      prepare: async () => `the client secret in AZURE_CLIENT_SECRET ${as}`,
      credential: new ClientSecretCredential(tenantId, clientId, proof.secret, entra),
      explain: () => undefined,
    };
  const { certificatePath, password } = proof;
  const file = { certificatePath, ...(password && { certificatePassword: password }) };
  return {
    prepare: async () => {
      const { fingerprint } = await checkCertificate(certificatePath, password);
      return `the client certificate in AZURE_CLIENT_CERTIFICATE_PATH (thumbprint ${fingerprint.replaceAll(':', '')}) ${as}`;
    },
    credential: new ClientCertificateCredential(tenantId, clientId, file, entra),
    explain: (message) =>
      message.includes('AADSTS700024')
        ? {
            why: "The assertion was outside its validity, although it was signed just now: the runner's clock is probably wrong.",
            remedy: 'Synchronise the clock of the runner.',
          }
        : undefined,
  };
}

/**
 * Reads the certificate and proves that its key can sign for it. The SDK's own errors would name
 * neither the file nor the mistake.
 */
async function checkCertificate(path: string, password?: string): Promise<X509Certificate> {
  const pem = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw unusable(path, `it cannot be read (${cause.code ?? cause.message})`, cause);
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw unusable(path, 'it holds no certificate in PEM form');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw unusable(path, 'it holds no private key in PEM form');
  const certificate = attempt(
    path,
    'its certificate cannot be read',
    () => new X509Certificate(pem),
  );
  const hint = password ? 'AZURE_CLIENT_CERTIFICATE_PASSWORD' : 'without a password';
  const key = attempt(path, `its private key cannot be opened (${hint})`, () =>
    createPrivateKey({ key: pem, ...(password && { passphrase: password }) }),
  );
  if (!certificate.checkPrivateKey(key))
    throw unusable(path, 'its private key does not belong to its first certificate');
  if (key.asymmetricKeyType !== 'rsa')
    throw unusable(path, `its key is ${key.asymmetricKeyType}, and Microsoft Entra takes RSA only`);
  if (Date.parse(certificate.validTo) < Date.now())
    throw unusable(path, `the certificate expired on ${certificate.validTo}`);
  return certificate;
}

function attempt<T>(path: string, problem: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unusable(path, problem, cause);
  }
}

const unusable = (path: string, problem: string, cause?: unknown) =>
  new Failure({
    kind: 'input',
    what: `Cannot sign in to Azure with the client certificate ${path}: ${problem}.`,
    why: 'AZURE_CLIENT_CERTIFICATE_PATH names the file, which holds certificate and private key; AZURE_CLIENT_CERTIFICATE_PASSWORD opens the key if it is encrypted.',
    remedy:
      'Write the PEM file in a step before this one. A .pfx file becomes one by `openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes`.',
    ...(cause !== undefined && { cause }),
  });
