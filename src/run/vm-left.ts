import { Failure } from '../domain/failure.ts';
import type { Vm } from '../domain/observed.ts';
import { deprovisionMark } from '../domain/owner.ts';
import type { Bench } from './ports.ts';

const FORBIDDEN = 403;

/**
 * A failure with the state that the build VM is left in, where a right was missing on the way: that
 * decides whether the VM can still be used, and a re-run takes it from there.
 */
export async function withVmLeft(
  thrown: unknown,
  { compute, target }: Pick<Bench, 'compute' | 'target'>,
): Promise<unknown> {
  if (!(thrown instanceof Failure) || thrown.status !== FORBIDDEN) return thrown;
  if (target.operation !== 'capture') return thrown;
  const vm = await compute.vm(target.request.vm).catch(() => undefined);
  if (!vm) return thrown;
  const { kind, what, why, remedy = '', code, correlationId, status } = thrown;
  return new Failure({
    kind,
    what,
    ...(why !== undefined && { why }),
    remedy: `${remedy} ${stateOf(vm)} Re-run the failed job then: it resumes here.`.trim(),
    ...(code !== undefined && { code }),
    ...(correlationId !== undefined && { correlationId }),
    status,
    cause: thrown,
  });
}

function stateOf(vm: Vm): string {
  const name = `\`${vm.name}\``;
  if (vm.generalized) return `${name} is generalized and can never be started again.`;
  const mark = deprovisionMark(vm.tags);
  if (mark?.stage === 'complete') return `${name} is deprovisioned and ${vm.power}.`;
  if (mark) return `${name} is ${vm.power}; its deprovision was started.`;
  return `${name} is ${vm.power} and not deprovisioned.`;
}
