import { ownerOf } from './owner.ts';
import type { Tags } from './tags.ts';

/** Whatever can be somebody's: a version, a snapshot, a managed image, as it was seen. */
export interface Owned {
  readonly tags: Tags;
}

/**
 * Whether a resource that was seen is this owner's. All that adopts, returns, changes or deletes
 * something asks here, and nowhere else.
 *
 * @param owner owner key, see `ownerKey`
 */
export const isOurs = (owner: string, seen: Owned): boolean => ownerOf(seen.tags) === owner;
