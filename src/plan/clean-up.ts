import { isOurs, isProvenOurs } from '../domain/claim.ts';
import type { State } from '../domain/observed.ts';
import { isReplicated } from '../domain/replication.ts';
import { ourTags, type Tags } from '../domain/tags.ts';
import type { Target } from '../domain/target.ts';
import { snapshotsIn, temporariesOf } from '../domain/version-order.ts';
import { hasFailed, progressOf } from './replicated.ts';

/** What a run may leave behind that serves nobody once it has failed; plain, to be kept as text. */
export interface Leftovers {
  /** Owner key, see `ownerKey`. */
  readonly owner: string;
  /** Resource ID of the build VM. */
  readonly vm: string;
  /** Resource IDs that the temporaries are made of. */
  readonly sources: readonly string[];
  /** Resource ID of the version. */
  readonly version: string;
  /** Resource IDs of what exists only to be the version's source. */
  readonly temporaries: readonly string[];
  /** Resource ID of the throw-away VM of a verification. */
  readonly throwAway?: string;
  /** This action's own on this job's throw-away VM, see `isOfOtherJob`. */
  readonly tags?: Tags;
  /** The version was only made to be verified. */
  readonly ephemeral?: true;
}

/** `undefined` when a run for this target makes nothing temporary. */
export function leftoversOf(target: Target): Leftovers | undefined {
  const { operation, owner, version } = target;
  if (operation === 'wait' || operation === 'prune' || operation === 'restore') return undefined;
  const isCapture = operation === 'capture';
  const temporaries = isCapture ? temporariesOf(target.source) : [];
  const throwAway = target.verify?.vm;
  if (temporaries.length === 0 && throwAway === undefined) return undefined;
  const vm = isCapture ? target.request.vm : '';
  const sources = isCapture ? [vm, ...snapshotsIn(target.source).map(({ disk }) => disk)] : [];
  const ephemeral = isCapture && target.request.ephemeral;
  return {
    owner,
    vm,
    sources,
    version,
    temporaries,
    ...(throwAway && { throwAway: throwAway.id, tags: ourTags(throwAway.tags) }),
    ...(ephemeral && { ephemeral }),
  };
}

/** What to delete, and why the rest stays. */
export interface CleanUp {
  /** Resource IDs. */
  readonly remove: readonly string[];
  readonly keep: readonly string[];
  /** Why those stay; empty when none do. */
  readonly because: string;
}

/**
 * What a run that did not end well should not leave: its temporary sources, readable copies of the
 * whole disk that cost money. They go when nothing needs them: a version that is complete in every
 * region does not, and one that was never begun, or is usable nowhere, will be made from new ones
 * by the next attempt, for which the VM has to be there still. While a version is being made of
 * them nobody knows whether Azure can do without, so they stay.
 *
 * Only what carries this owner's tag, or key in its name, counts. Snapshots of the state before the
 * change are no temporaries, and never go.
 */
export function cleanUpOf(
  left: Leftovers,
  seen: Pick<State, 'vm' | 'version' | 'temporaries'>,
): CleanUp {
  const own = seen.temporaries
    .filter((temporary) => isProvenOurs({ ...left, byName: true }, temporary))
    .map(({ id }) => id);
  const because = own.length === 0 ? '' : whyNeeded(left, seen);
  return because ? { remove: [], keep: own, because } : { remove: own, keep: [], because: '' };
}

/** Why the temporaries must stay; empty when nothing needs them. */
function whyNeeded(
  { owner, sources, temporaries }: Leftovers,
  { vm, version }: Pick<State, 'vm' | 'version'>,
): string {
  const claim = { owner, sources: [...sources, ...temporaries] };
  const own = version && isOurs(claim, version) ? version : undefined;
  const replication = own && progressOf(own);
  if (own?.provisioningState === 'Succeeded' && replication && isReplicated(replication)) return '';
  if (own && !hasFailed(own)) return `image version ${own.name} is being made of them`;
  if (replication?.some(({ state }) => state === 'Completed'))
    return `image version ${own?.name} is complete in some region and may have to be repaired from them`;
  return vm ? '' : 'the build VM is gone, so they are all there is to capture from';
}
