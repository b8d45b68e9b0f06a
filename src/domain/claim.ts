import { holdsKey, ownerOf } from './owner.ts';
import { sameId } from './resource-id.ts';
import type { Tags } from './tags.ts';

/**
 * Whatever can be somebody's: a version, a snapshot, a managed image, as it was seen. A tag is a
 * hint: policies rewrite tags, tools remove them, people copy them. What it was made of, when, and
 * who received the answer that created it are facts that nobody else can write.
 */
export interface Owned {
  readonly id?: string;
  readonly tags: Tags;
  /** Resource ID of what it was made of; absent when Azure does not show it. */
  readonly sourceId?: string;
  /** What Azure calls that source beside its ID, and never another; absent when it does not tell. */
  readonly sourceUniqueId?: string;
  /** When it was made, UTC; absent when Azure does not show it. */
  readonly published?: Date;
  /** Set when this attempt itself was told by Azure that its request created it. */
  readonly createdHere?: true;
}

/** What a resource of ours looks like. */
export interface Claim {
  /** Owner key, see `ownerKey`. */
  readonly owner: string;
  /** Resource IDs that it can be made of; empty when none is known any more. */
  readonly sources: readonly string[];
  /** What Azure calls the source, of whatever ID it is; absent where that is not known. */
  readonly sourceUniqueId?: string;
  /** It cannot be older than this, UTC. */
  readonly since?: Date;
  /** Its own name is as good as the owner's tag. */
  readonly byName?: boolean;
  /** The source is a VM that can never change again: whatever was made of it holds the same. */
  readonly sourceIsFinal?: boolean;
}

/**
 * Whose a resource is. All that adopts, returns, uses, changes or deletes something asks here.
 *
 * - `ours`: may be returned, used, changed and deleted.
 * - `unproven`: carries our tag, and nothing that Azure writes is known: may be returned or waited
 *   for, never used, overwritten or deleted.
 * - `contradicted`: carries our tag, yet is something else: the run stops.
 * - `captured-before`: carries no tag, and was made of the same VM, which cannot change any more:
 *   the run stops, since another version would hold the same.
 * - `foreign`: somebody else's.
 */
export function verdictOn(
  claim: Claim,
  seen: Owned,
): 'ours' | 'unproven' | 'contradicted' | 'captured-before' | 'foreign' {
  if (seen.createdHere) return 'ours';
  const tag = ownerOf(seen.tags);
  const fit = fitOf(claim, seen);
  // Nobody can rename a resource: what a name says outweighs another owner's tag, or none.
  const names = [seen.sourceId, claim.byName ? seen.id : undefined];
  if (fit === 'fits' && names.some((each) => holdsKey(claim.owner, each))) return 'ours';
  if (tag !== undefined && tag !== claim.owner) return 'foreign';
  if (tag === claim.owner)
    return fit === 'fits' ? 'ours' : fit === 'contradicts' ? 'contradicted' : 'unproven';
  if (fit !== 'fits') return 'foreign';
  return claim.sourceIsFinal ? 'captured-before' : 'foreign';
}

/** Whether what Azure writes of a resource fits the claim to it. */
export function fitOf(
  { sources, since, sourceUniqueId }: Omit<Claim, 'owner'>,
  { sourceId, published, ...seen }: Owned,
): 'fits' | 'contradicts' | 'unknown' {
  if (since && published && published < since) return 'contradicts';
  if (sourceUniqueId && seen.sourceUniqueId && sourceUniqueId !== seen.sourceUniqueId)
    return 'contradicts';
  if (sourceId === undefined || sources.length === 0) return 'unknown';
  return sources.some((source) => sameId(source, sourceId)) ? 'fits' : 'contradicts';
}

/** Whether this owner's tag is on it and nothing that Azure writes speaks against it. */
export const isOurs = (claim: Claim, seen: Owned): boolean => {
  const verdict = verdictOn(claim, seen);
  return verdict === 'ours' || verdict === 'unproven';
};

/** Whether it is proven to be this owner's: only then is it used, overwritten or deleted. */
export const isProvenOurs = (claim: Claim, seen: Owned): boolean =>
  verdictOn(claim, seen) === 'ours';

/** The claim to something of which nothing but the owner is known. */
export const byOwner = (owner: string): Claim => ({ owner, sources: [] });
