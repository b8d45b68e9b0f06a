import type { ImageVersion } from '../../domain/gallery.ts';
import type { State } from '../../domain/observed.ts';
import { isOfOtherJob } from '../../domain/owner.ts';
import { nameOf, resourceKind, sameId } from '../../domain/resource-id.ts';
import { isThrowAwayOf, taggedThrowAway } from '../../domain/throw-away.ts';
import type { VerifyPlan } from '../../domain/verification.ts';
import type { Vm } from '../../domain/vm.ts';
import type { Reads } from '../ports.ts';
import { ifAllowed } from '../reading.ts';
import type { StepContext } from '../step-context.ts';

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
  const tagged = seen && taggedThrowAway(seen);
  const elsewhere = tagged && !sameId(tagged, verify.vm.id) ? [tagged] : [];
  const found = await Promise.all(
    [verify.vm.id, ...elsewhere].map(async (each) => ({
      id: each,
      // Where the tags say may be a place of others, which this identity is not to read.
      vm: await (each === verify.vm.id ? compute.vm(each) : ifAllowed(compute.vm(each))),
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

/** The VM that a version was made of, if it is there and may be looked at. */
export async function sourceVmOf(
  compute: Reads,
  { sourceId }: ImageVersion,
): Promise<Vm | undefined> {
  return sourceId && resourceKind(sourceId) === 'vm' ? ifAllowed(compute.vm(sourceId)) : undefined;
}

/**
 * Whether a throw-away VM may be at work for a job that still lives: another one made it, so lately that
 * its time is not over. One whose tag a policy removed is nobody's: it would never be deleted.
 */
export function isOfLivingRun(
  { tags, created }: Vm,
  { vm, timeoutSeconds }: Pick<VerifyPlan, 'vm' | 'timeoutSeconds'>,
  compute: Reads,
): boolean {
  const now = compute.azureTime();
  if (now === undefined || created === undefined || !isOfOtherJob(tags, vm.tags)) return false;
  return now.getTime() - created.getTime() < timeoutSeconds * 1000;
}

/** Seconds for a deletion that takes half a minute; then it is left to Azure, which has accepted it. */
const MOST_SECONDS = 15 * 60;

/**
 * Deletes a throw-away VM; one that Azure is still deleting is warned of, and nothing waits for it.
 *
 * @returns whether it is gone
 */
export async function removeThrowAway(
  id: string,
  { compute, report }: Pick<StepContext, 'compute' | 'report'>,
): Promise<boolean> {
  try {
    await compute.remove(id, MOST_SECONDS);
    return true;
  } catch (thrown) {
    if ((await compute.vm(id))?.provisioningState !== 'Deleting') throw thrown;
    report.warn(
      `Azure is still deleting the throw-away VM \`${nameOf(id)}\`, and the run does not wait for it. Check later that it is gone: \`az vm show --ids ${id}\``,
    );
    return false;
  }
}
