import type { Failure } from '../domain/failure.ts';
import type { ImageVersion, VersionIdentity } from '../domain/gallery.ts';
import type { Verification } from '../domain/verification.ts';

/**
 * It is known whether the image works; `failure` is what the run ends with when it does not.
 *
 * `of` is the version that booted: another one can be made under its number.
 */
export interface Verdict {
  readonly is: 'verified';
  readonly verification: Verification;
  readonly of: VersionIdentity;
  readonly failure?: Failure;
}

/** Why a plan was not carried out to its end though the run goes on: it looks and plans anew. */
export type Interruption =
  /** What was planned no longer fits what is there. */
  | { readonly is: 'stale'; readonly what: string }
  /** A version failed, and may be repaired; `failure` is what the run ends with when nothing helps. */
  | { readonly is: 'failed'; readonly failure: Failure; readonly version: ImageVersion }
  | Verdict;

/** What was planned no longer fits what is there. */
export const stale = (what: string): Interruption => ({ is: 'stale', what });

/** Thrown by a write that finds what it was planned for to be gone. */
export class StaleFacts extends Error {}

/**
 * Azure's refusal of a list of regions that another writer has made longer meanwhile: "Complete set
 * of target locations not specified" (terraform-provider-azurerm#21999).
 */
export const isStaleList = ({ message }: Error): boolean =>
  /complete set of target locations not specified/i.test(message);
