import { createHash } from 'node:crypto';

/** A digest of these texts: 20 hexadecimal digits, short enough for a tag or a name. */
export const digest = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);

/** The same of texts in any case. */
export const caselessDigest = (parts: readonly string[]): string =>
  digest(parts.map((part) => part.toLowerCase()));
