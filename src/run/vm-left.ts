import { deprovisionMark } from '../domain/deprovision-mark.ts';
import { Failure } from '../domain/failure.ts';
import type { CaptureRequest } from '../domain/request.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { RestoreTarget } from '../domain/target.ts';
import { isOn, type Vm } from '../domain/vm.ts';
import { joined } from '../domain/words.ts';
import { hasDisks } from '../plan/restore.ts';
import { wayBack } from '../plan/step-to-paste.ts';
import type { StepContext } from './step-context.ts';

const FORBIDDEN = 403;

/**
 * A failure with the state that the build VM is left in: that decides whether the VM can still be used, and
 * from where the next run goes on. Of a VM that nothing was done to, or that has become a version, it is
 * told only where a right was missing. How to go on is said where Azure refused a step; other failures say
 * it themselves.
 */
export async function withVmLeft(
  thrown: unknown,
  { compute, target }: Pick<StepContext, 'compute' | 'target'>,
): Promise<unknown> {
  if (!(thrown instanceof Failure)) return thrown;
  if (target.operation === 'restore')
    return withRestoreLeft(thrown, await compute.vm(target.vm).catch(() => undefined), target);
  if (target.operation !== 'capture') return withWay(thrown);
  const vm = await compute.vm(target.request.vm).catch(() => undefined);
  if (!vm) return withWay(thrown);
  const made = await compute.version(target.version).catch(() => undefined);
  const left = leftAs(vm, target.request);
  const { newDisks } = target;
  // A version alone is not all that was asked for: the VM was to come back.
  const lacks = made === undefined || (newDisks.length > 0 && !hasDisks(vm, newDisks));
  const matters = left.changed && lacks;
  if (!matters && thrown.status !== FORBIDDEN) return withWay(thrown);
  const other = made === undefined && left.otherRun;
  const further = isOfAzure(thrown) ? [againAfter(thrown), other] : [];
  const way =
    matters && !thrown.paste && target.snapshots.length > 0
      ? wayBack(vm.id, vm.generalized)
      : undefined;
  const remedy = joined(' ', [thrown.remedy, left.text, ...further, way?.text]);
  return thrown.with({ remedy, ...(way && { paste: way.paste }), cause: thrown });
}

/** The same of a restore. */
function withRestoreLeft(
  thrown: Failure,
  vm: Vm | undefined,
  { vm: id, model }: RestoreTarget,
): Failure {
  const gone = model
    ? 'not there: it was deleted to be created again, or cannot be read'
    : 'not there, or cannot be read';
  const is = vm ? (vm.generalized ? 'still generalized' : vm.power) : gone;
  const again = isOfAzure(thrown) ? againAfter(thrown) : undefined;
  const remedy = joined(' ', [thrown.remedy, `\`${nameOf(id)}\` is ${is}.`, again]);
  return thrown.with({ remedy, cause: thrown });
}

/** Whether Azure itself refused: a region, a right, a quota, a policy. */
const isOfAzure = ({ kind, status, code }: Failure): boolean =>
  kind === 'refused' && (status !== undefined || code !== undefined);

const withWay = (failure: Failure): Failure => {
  const remedy = !failure.remedy && isOfAzure(failure) && againAfter(failure);
  return remedy ? failure.with({ remedy, cause: failure }) : failure;
};

/** How to resume, unless the failure says it itself. */
const againAfter = ({ remedy = '' }: Failure): string | undefined =>
  /re-run the failed job/i.test(remedy)
    ? undefined
    : `${remedy ? 'Then' : 'Remove the cause that Azure names, then'} re-run the failed job; it resumes here.`;

/**
 * What was done to the VM, as a later run finds it; `otherRun` tells how a new run, with other inputs, goes
 * on from there while there is no version of the VM.
 */
function leftAs(
  vm: Vm,
  { deprovision, deprovisionScript }: CaptureRequest,
): { text: string; changed: boolean; otherRun?: string } {
  const name = `\`${vm.name}\``;
  const stage = deprovisionMark(vm.tags)?.stage;
  if (vm.generalized) {
    const again = 'A run with other inputs resumes here too';
    const isOther = deprovision === 'always' || deprovisionScript !== undefined;
    return {
      changed: true,
      text: `${name} is generalized and can never start again.`,
      otherRun: isOther
        ? `${again}, with \`deprovision: auto\` and no \`deprovision-script\`.`
        : `${again}.`,
    };
  }
  if (stage === 'complete')
    return {
      changed: true,
      text: `${name} is ${vm.power}, and its tag says that it is deprovisioned.`,
      ...(!isOn(vm) && {
        otherRun: 'A run with other inputs resumes here with `deprovision: never`.',
      }),
    };
  return stage === 'scheduled'
    ? {
        changed: true,
        text: `${name} is ${vm.power}; its guest was ordered to deprovision itself.`,
      }
    : { changed: !isOn(vm), text: `${name} is ${vm.power} and not deprovisioned.` };
}
