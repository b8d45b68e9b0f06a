import {
  DEPROVISION_TAG,
  deprovisionMark,
  formatDeprovisionMark,
  hasStartedSince,
  osDiskDigest,
} from '../../domain/deprovision-mark.ts';
import { refused } from '../../domain/failure.ts';
import { withTags } from '../../domain/tags.ts';
import type { Vm } from '../../domain/vm.ts';
import { hasBegun, isComingBack } from '../../plan/after-capture.ts';
import type { StepOf } from '../../plan/plan.ts';
import { partsThatGo } from '../../plan/restore.ts';
import { ifAllowed } from '../reading.ts';
import { isSameVm, requireSameVm, requireSnapshots } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Azure advises it before generalize, and stops billing the VM. What a Windows guest told is lost with
 * it, so the VM's mark then says when this run had it off: a later attempt knows by that whether somebody
 * has started the VM since.
 */
export async function deallocate(
  { vm: id, isSilent }: StepOf<'deallocate'>,
  context: StepContext,
): Promise<void> {
  const { compute, target } = context;
  const before = await requireSameVm(context, id);
  if (isSilent) await requireDeprovisioned(before, context);
  await compute.deallocateVm(id);
  if (!isSilent) return;
  const vm = await requireSameVm(context, id);
  const mark = deprovisionMark(vm.tags);
  const off = compute.azureTime();
  if (!off || mark?.stage !== 'complete' || mark.owner !== target.owner) return;
  await compute.updateVm(id, {
    tags: withTags(vm.tags, { [DEPROVISION_TAG]: formatDeprovisionMark({ ...mark, off }) }),
    enableBootDiagnostics: false,
  });
}

/**
 * Throws when the VM is not what was deprovisioned any more: somebody has started it since, or has given it
 * another OS disk.
 */
export async function requireDeprovisioned(
  vm: Vm,
  { compute, target }: StepContext,
): Promise<void> {
  const { id } = vm.osDisk;
  if (target.operation !== 'capture' || !hasBegun(target, vm) || isComingBack(target, vm)) return;
  const { os, completed, off } = deprovisionMark(vm.tags) ?? {};
  const isOther = os !== undefined && os !== osDiskDigest(vm);
  const isStarted = id && (completed ?? off) && hasStartedSince(vm, await compute.disk(id));
  if (!isOther && !isStarted) return;
  throw refused({
    what: `No version is made of \`${vm.name}\`: it ${isOther ? 'has another OS disk than at its deprovision' : 'was started after its deprovision, as the time `LastOwnershipUpdateTime` of its OS disk shows'}.`,
    why: isOther
      ? 'Somebody, or something, exchanged it.'
      : 'Somebody, or something, started it. What a start creates, such as the machine identity, is in the guest again.',
    remedy:
      'Start it, then re-run the failed job, which deprovisions the guest again. If that is refused, restore the VM or build it again. If you know that its guest is deprovisioned, run with `deprovision: never`.',
  });
}

/**
 * Marks the VM generalized, which nothing can undo. So it is looked at once more: a VM that is
 * merely stopped, without this run having seen its deprovision complete, is never generalized.
 */
export async function generalize(step: StepOf<'generalize'>, context: StepContext) {
  const { compute } = context;
  const vm = await compute.vm(step.vm);
  const doubt = doubtAbout(vm, step, context);
  if (!vm || doubt)
    throw refused({
      what: `The VM was not generalized: ${doubt}.`,
      why: 'Somebody, or something, changed the VM during this run.',
      remedy:
        'Nothing irreversible was done to the VM resource. Look at its activity log, then run again.',
    });
  requireSnapshots(context, vm, 'The VM was not generalized');
  await requireDeprovisioned(vm, context);
  await keepParts(vm, context);
  await compute.generalizeVm(step.vm);
}

/**
 * A generalized VM can only come back when it is deleted and created again: what has snapshots must
 * outlive it, and no later change is allowed.
 */
async function keepParts(vm: Vm, { compute, target, report }: StepContext): Promise<void> {
  const hasSnapshots = target.operation === 'capture' && target.snapshots.length > 0;
  if (!hasSnapshots || partsThatGo(vm).length === 0) return;
  await ifAllowed(compute.deleteWithVm(vm.id, []), ({ what }) =>
    report.warn(
      `Azure did not let disks and network interfaces of \`${vm.name}\` outlive it: ${what} A restore with \`recreate: true\` is refused then.`,
    ),
  );
}

function doubtAbout(
  vm: Vm | undefined,
  { vouched }: StepOf<'generalize'>,
  context: StepContext,
): string | undefined {
  if (!vm) return 'it is gone';
  if (!isSameVm(context, vm)) return 'another VM has its name now';
  if (vm.power !== 'deallocated' && vm.power !== 'stopped') return `it is ${vm.power}`;
  if (vouched) return undefined;
  const mark = deprovisionMark(vm.tags);
  return mark?.stage === 'complete' && mark.owner === context.target.owner
    ? undefined
    : 'it does not carry the mark that this run saw its deprovision complete';
}
