/** JSON web tokens, signed with keys that are made anew in every process. */
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { isObject, type JsonObject } from './json.ts';

/** A party that signs tokens: Entra, or GitHub's OIDC provider. */
interface Signer {
  /** A token (RS256) with these claims. */
  sign(claims: JsonObject): string;
  /** The claims of a token that this signer has signed; undefined for any other text. */
  verify(token: string): JsonObject | undefined;
  /** The public key as a JWK set shows it. */
  jwk(): JsonObject;
}

/** Makes a signer; its RSA key is made when it is first needed, because that takes a moment. */
function createSigner(): Signer {
  let pair: { publicKey: KeyObject; privateKey: KeyObject } | undefined;
  const keys = (): { publicKey: KeyObject; privateKey: KeyObject } => {
    pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return pair;
  };
  const keyId = (): string => {
    const der = keys().publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(der).digest('base64url').slice(0, 27);
  };
  return {
    sign: (claims) => {
      const head = encode({ typ: 'JWT', alg: 'RS256', kid: keyId(), x5t: keyId() });
      const content = `${head}.${encode(claims)}`;
      const signature = signBytes('sha256', Buffer.from(content), keys().privateKey);
      return `${content}.${signature.toString('base64url')}`;
    },
    verify: (token) => {
      const [head, claims, signature, ...others] = token.split('.');
      if (head === undefined || claims === undefined || signature === undefined) return undefined;
      const content = Buffer.from(`${head}.${claims}`);
      const bytes = Buffer.from(signature, 'base64url');
      if (others.length > 0 || !verifyBytes('sha256', content, keys().publicKey, bytes)) {
        return undefined;
      }
      return decode(claims);
    },
    jwk: () => ({
      ...(keys().publicKey.export({ format: 'jwk' }) as JsonObject),
      use: 'sig',
      alg: 'RS256',
      kid: keyId(),
    }),
  };
}

/** The claims of any token, unverified; undefined when it is not one. */
export function claimsOf(token: string): JsonObject | undefined {
  const claims = token.split('.')[1];
  return claims === undefined ? undefined : decode(claims);
}

/** The header of any token; undefined when it is not one. */
export function headOf(token: string): JsonObject | undefined {
  const [head, ...rest] = token.split('.');
  return head === undefined || rest.length !== 2 ? undefined : decode(head);
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One key pair for each party and process. */
export const entraSigner = createSigner();
export const gitHubSigner = createSigner();
