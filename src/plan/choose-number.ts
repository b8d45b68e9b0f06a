import type { Inventory } from '../domain/observed.ts';
import {
  formatVersion,
  parseVersion,
  pickVersion,
  type VersionChoice,
} from '../domain/version-number.ts';

/** The number the request means; `undefined` when the next one would not fit into 32 bits. */
export function chooseNumber(
  { version }: { readonly version: VersionChoice },
  { versions, softDeleted, now }: Inventory,
): string | undefined {
  const taken = [...versions.map(({ name }) => name), ...softDeleted]
    .map(parseVersion)
    .filter((number) => typeof number === 'object');
  const number = pickVersion(version, taken, now);
  return number && formatVersion(number);
}
