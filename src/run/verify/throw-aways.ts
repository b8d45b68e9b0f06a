import type { ImageUse } from '../../domain/image-use.ts';
import type { ImageVersion, State, Vm } from '../../domain/observed.ts';
import { resourceKind, VIRTUAL_MACHINE } from '../../domain/resource-id.ts';
import {
  isForgotten,
  isThrowAwayOf,
  taggedThrowAway,
  throwAwaysOf,
  type VerifyPlan,
} from '../../domain/verification.ts';
import { allows, groupOf } from '../../plan/needed-rights.ts';
import { isNamedAfter } from '../../plan/prune.ts';
import { lockOn } from '../../plan/prune-judgement.ts';
import { ifAllowed } from '../if-allowed.ts';
import type { Reads } from '../ports.ts';
import { isOfLivingRun } from './other-runs.ts';

/**
 * Throw-away VMs that stand for this version: under the name that this run would give one, or where
 * the version's tags say. Resource IDs of those that are proven to be made of it.
 */
export async function throwAwaysFor(
  compute: Reads,
  version: ImageVersion | string,
  verify: VerifyPlan,
): Promise<Pick<State, 'throwAways' | 'othersThrowAways'>> {
  const seen = typeof version === 'string' ? undefined : version;
  const id = typeof version === 'string' ? version : version.id;
  const found = await Promise.all(
    throwAwaysOf(seen, verify.vm.id).map(async (each) => ({
      id: each,
      vm: await compute.vm(each),
    })),
  );
  const proven = found.filter(
    // What is being deleted already needs no second request.
    ({ vm }) => vm && isThrowAwayOf(id, vm) && vm.provisioningState !== 'Deleting',
  );
  const living = proven.filter(({ vm }) => vm && isOfLivingRun(vm, verify, compute));
  const ids = (all: typeof proven) => all.map((each) => each.id);
  return {
    throwAways: ids(proven.filter((each) => !living.includes(each))),
    othersThrowAways: ids(living),
  };
}

/** A throw-away VM that a dead verification left, and the version that it is made of. */
export interface ForgottenVm {
  /** Resource ID. */
  readonly id: string;
  /** Resource ID of the version. */
  readonly version: string;
}

/** Of those who use a definition's versions, the throw-away VMs that may be deleted with their version. */
export async function forgottenAmong(
  compute: Reads,
  definition: string,
  uses: readonly ImageUse[],
  now: Date,
): Promise<ForgottenVm[]> {
  const found = await Promise.all(
    uses.map(async ({ by, how, version: number }) => {
      const version = `${definition}/versions/${number}`;
      if (how !== 'vm' || number === undefined) return [];
      const forgets = isNamedAfter(by, version) && (await mayForget(compute, version, by, now));
      return forgets ? [{ id: by, version }] : [];
    }),
  );
  return found.flat();
}

/** The throw-away VM that a version's tag names, when it may be deleted with the version. */
export async function forgottenOf(
  compute: Reads,
  version: ImageVersion,
  now: Date,
): Promise<ForgottenVm | undefined> {
  const id = taggedThrowAway(version);
  const may = id && (await ifAllowed(mayForget(compute, version.id, id, now)));
  return id && may ? { id, version: version.id } : undefined;
}

/** Whether a VM is a version's, its verification is dead, and nothing keeps this identity from deleting it. */
async function mayForget(compute: Reads, version: string, id: string, now: Date): Promise<boolean> {
  const vm = await compute.vm(id);
  if (!vm || !isThrowAwayOf(version, vm) || !isForgotten(vm, now)) return false;
  const [permissions, locks] = await Promise.all([
    ifAllowed(compute.permissions(groupOf(id))),
    ifAllowed(compute.locks(groupOf(id))),
  ]);
  return (
    (!permissions || allows(permissions, `${VIRTUAL_MACHINE}/delete`)) && !lockOn(id, locks ?? [])
  );
}

/** The VM that a version was made of, if it is there and may be looked at. */
export async function sourceVmOf(
  compute: Reads,
  { sourceId }: ImageVersion,
): Promise<Vm | undefined> {
  return sourceId && resourceKind(sourceId) === 'vm' ? ifAllowed(compute.vm(sourceId)) : undefined;
}
