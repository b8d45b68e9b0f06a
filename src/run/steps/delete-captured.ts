import { Failure, isRefusal } from '../../domain/failure.ts';
import { nameOf, type ResourceKind, resourceKind, sameId } from '../../domain/resource-id.ts';
import type { Vm } from '../../domain/vm.ts';
import { joined, quoted } from '../../domain/words.ts';
import type { StepOf } from '../../plan/plan.ts';
import { isStillOwn, type Part, partsOf } from '../attached.ts';
import { ifAllowed } from '../reading.ts';
import { isSameVm } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';

/** A disk cannot go before its VM, nor an address before its interface. */
const ORDER: readonly ResourceKind[] = ['disk', 'nic', 'publicIp'];

/**
 * Deletes the captured VM with what belongs to it alone. Delete options say so to Azure first, so that one
 * request deletes all of it: a run that ends in between leaves nothing that nobody can tell to be the VM's.
 * What Azure does not let go with the VM, this run deletes after it, each looked at once more.
 */
export async function deleteCaptured(step: StepOf<'delete'>, context: StepContext): Promise<void> {
  const { compute, report } = context;
  const id = step.of.find((each) => resourceKind(each) === 'vm') ?? '';
  const before = await compute.vm(id);
  if (!before) return tellGone(step, context, id);
  if (!isSameVm(context, before)) return tellReplaced(step, context, before);
  const named = (part: Part) => part.own && step.of.some((each) => sameId(each, part.id));
  await setOptions(before, await partsOf(compute, before), named, context, step);
  // Read back, right before what cannot be undone.
  const vm = await compute.vm(id);
  if (!vm) return tellGone(step, context, id);
  if (!isSameVm(context, vm)) return tellReplaced(step, context, vm);
  const parts = await partsOf(compute, vm);
  const after = parts.filter((part) => named(part) && !part.goes);
  const stay = parts.filter((part) => !named(part) && !part.goes);
  report.say(step, wordsOn(vm, parts, after));
  await compute.remove(id);
  const left = new Set(after.map((part) => part.id));
  const failed: unknown[] = [];
  const removed = async (part: Part) => {
    const isOwn = await isStillOwn(compute, part, id);
    if (isOwn) await compute.remove(part.id);
    if (isOwn !== false) left.delete(part.id);
  };
  for (const kind of ORDER) {
    const parts = after.filter((part) => resourceKind(part.id) === kind);
    await Promise.all(
      parts.map((part) => removed(part).catch((thrown: unknown) => failed.push(thrown))),
    );
    // A lock is on one part; what else stops the run stops it for all.
    if (!failed.every(isRefusal)) break;
  }
  const all = [...left, ...stay.map((part) => part.id)];
  if (all.length > 0)
    report.warn(
      `\`${vm.name}\` was deleted; this was left: ${quoted(all.map(nameOf))}. Other resources use it, or it is in another resource group, or this run could not delete it. If nobody needs it: \`az resource delete --ids ${all.join(' ')}\``,
    );
  const [first] = failed;
  if (first instanceof Failure && first.status !== undefined) throw first.with(NOT_AGAIN);
  if (first) throw first;
}

/** No later attempt can tell whose it was. */
const NOT_AGAIN = {
  remedy:
    'When the cause is gone, delete what the warning names. A re-run deletes nothing of it: Azure no longer shows what was attached to the VM.',
};

/** Names all that is to go before anything goes: a run may end at any request. */
function wordsOn({ id }: Vm, parts: readonly Part[], after: readonly Part[]): string {
  const names = (some: readonly Part[]) => some.map((part) => nameOf(part.id)).join(', ');
  const going = parts.filter(({ goes }) => goes);
  return joined(' ', [
    `Deleting ${nameOf(id)}.`,
    going.length > 0 && `Azure deletes with it: ${names(going)}.`,
    after.length > 0 && `This run deletes after it: ${names(after)}.`,
  ]);
}

/** Names what is there of a VM that somebody else has deleted: no later attempt can tell whose it was. */
async function tellGone(step: StepOf<'delete'>, { compute, report }: StepContext, vm: string) {
  const parts = step.of.filter((each) => !sameId(each, vm));
  const own = await Promise.all(
    parts.map((id) => (resourceKind(id) === 'disk' ? compute.disk(id) : compute.networkPart(id))),
  );
  const left = parts.filter((_, index) => own[index] !== undefined);
  if (left.length > 0)
    report.warn(
      `\`${nameOf(vm)}\` is gone, and this run did not delete it. This is still there: ${quoted(left.map(nameOf))}. Unless Azure deletes it with the VM, and if nobody needs it: \`az resource delete --ids ${left.join(' ')}\``,
    );
}

function tellReplaced(step: StepOf<'delete'>, { report }: StepContext, { name }: Vm): void {
  report.warn(
    `\`${name}\` is another VM now than the one that was captured, so it was not deleted, nor what was attached to the captured one. Check what is left of it: ${quoted(step.of.map(nameOf))}.`,
  );
}

/** Sets that these parts go with the VM, and nothing else does; where Azure refuses, it is left as it is. */
async function setOptions(
  vm: Vm,
  parts: readonly Part[],
  isOwn: (part: Part) => boolean,
  { compute, report }: StepContext,
  step: StepOf<'delete'>,
): Promise<void> {
  if (vm.provisioningState === 'Deleting') return;
  const tried = (write: Promise<void>) => ifAllowed(write, ({ what }) => report.say(step, what));
  const idsOf = (some: readonly Part[]) => some.map(({ id }) => id);
  const addresses = parts.filter((part) => isOwn(part) && !part.goes);
  for (const [nic, of] of Map.groupBy(addresses, (part) => part.nic))
    if (nic) await tried(compute.deleteWithNic(nic, idsOf(of)));
  const direct = parts.filter(({ nic }) => !nic);
  const going = direct.filter((part) => isOwn(part) && !part.shared);
  if (direct.some((part) => part.goes !== going.includes(part)))
    await tried(compute.deleteWithVm(vm.id, idsOf(going)));
}
