import { jsonIn, recordOf } from '../../domain/plain-objects.ts';

/**
 * Wraps a source of something that ends, such as a token: the last one is given again until
 * `spareSeconds` before its end. `endOf` gives that in milliseconds, or NaN when nobody knows, and
 * then it serves once.
 */
export function keepWhileFresh<T>(
  fetch: () => Promise<T>,
  endOf: (value: T) => number,
  spareSeconds: number,
): () => Promise<T> {
  let kept: { readonly value: T; readonly until: number } | undefined;
  return async () => {
    if (kept && Date.now() < kept.until) return kept.value;
    const value = await fetch();
    kept = { value, until: endOf(value) - spareSeconds * 1000 };
    return value;
  };
}

/** When a JWT ends, in milliseconds; NaN when it does not say. */
export function endOfJwt(token: string): number {
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? exp * 1000 : Number.NaN;
}

/** What a JWT says, unverified: for `exp` and for telling people which subject was presented. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return recordOf(jsonIn(payload));
}
