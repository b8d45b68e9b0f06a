import { isProvenOurs } from '../domain/claim.ts';
import { isOfOtherJob } from '../domain/owner.ts';
import { isThrowAwayOf } from '../domain/throw-away.ts';
import { type CleanUp, cleanUpOf, type Leftovers } from '../plan/clean-up.ts';
import { temporaryAt } from './observe.ts';
import type { Compute } from './ports.ts';
import { thatExist } from './reading.ts';

/**
 * Deletes what a run that did not end well should not leave behind, see `cleanUpOf`. Looks at
 * everything anew: the run may have been killed at any instant.
 *
 * @returns what was deleted, and what stays and why
 */
export async function cleanUp(compute: Compute, left: Leftovers): Promise<CleanUp> {
  const throwAway = await deleteThrowAway(compute, left);
  if (left.ephemeral) throwAway.push(...(await deleteEphemeral(compute, left)));
  if (left.temporaries.length === 0) return { remove: throwAway, keep: [], because: '' };
  const [vm, version, temporaries] = await Promise.all([
    compute.vm(left.vm),
    compute.version(left.version),
    thatExist(left.temporaries, (id) => temporaryAt(compute, id)),
  ]);
  const plan = cleanUpOf(left, { vm, version, temporaries });
  await Promise.all(plan.remove.map((id) => compute.remove(id)));
  return { ...plan, remove: [...throwAway, ...plan.remove] };
}

/** A version that was only made to be verified goes once nobody waits for the verdict any more. */
async function deleteEphemeral(compute: Compute, left: Leftovers): Promise<string[]> {
  const version = await compute.version(left.version);
  const claim = { owner: left.owner, sources: [...left.sources, ...left.temporaries] };
  if (!version || !isProvenOurs(claim, version)) return [];
  await compute.remove(version.id);
  return [version.id];
}

/** The throw-away VM of a verification goes in any case. */
async function deleteThrowAway(
  compute: Compute,
  { version, throwAway, tags = {} }: Leftovers,
): Promise<string[]> {
  const vm = throwAway && (await compute.vm(throwAway));
  if (!vm || !isThrowAwayOf(version, vm)) return [];
  // Another job may be at work with it; if not, the next verification deletes it.
  if (isOfOtherJob(vm.tags, tags)) return [];
  await compute.remove(vm.id);
  return [vm.id];
}
