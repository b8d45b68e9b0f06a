import { Failure } from '../domain/failure.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Step } from './plan.ts';

/** What Azure, or a guest, goes on with when the run ends in the midst of this step. */
export function describeGoingOn(step: Step): string {
  switch (step.do) {
    case 'snapshot':
      return `the snapshots ${step.of.map(({ snapshot }) => nameOf(snapshot)).join(', ')} are being taken`;
    case 'start':
      return `${nameOf(step.vm)} is being started`;
    case 'deprovision':
      return `the guest of ${nameOf(step.vm)} deprovisions itself, if that was scheduled already, and ends with switching itself off`;
    case 'deallocate':
      return `${nameOf(step.vm)} is being deallocated`;
    case 'generalize':
      return `${nameOf(step.vm)} may be marked generalized`;
    case 'image':
      return `the temporary managed image ${nameOf(step.image)} is being made`;
    case 'discard':
      return `the failed image version ${nameOf(step.version)} is being deleted`;
    case 'publish':
      return `image version ${nameOf(step.version)} may be being made`;
    case 'update':
      return `image version ${nameOf(step.version)} may be being changed${takenAway(step.change.setAside?.map(({ name }) => name))}`;
    case 'replicate':
      return `image version ${nameOf(step.version)} is being replicated${takenAway(step.away)}`;
    case 'remove':
    case 'prune':
      return `${step.of.map(nameOf).join(', ')} may be being deleted`;
    case 'retire':
      return `${[step.vm, ...step.companions.map(({ id }) => id)].map(nameOf).join(', ')} may be being deleted`;
  }
}

const takenAway = (names: readonly string[] = []): string =>
  names.length > 0
    ? ` without ${names.join(', ')}, which its tags remember and the next run adds again`
    : '';

/** How to wait for a version in another step or job, ready to paste into a workflow. */
export const howToWait = (version: string): string =>
  `To only wait for the version, in this or another job: \`operation: wait\` with \`source-image-version: ${version}\`.`;

/**
 * The end of a run that was cancelled or ran out of time, with what goes on without it and how to
 * take that up; any other failure as it is.
 *
 * @param running steps that had begun and not ended
 * @param version resource ID of the version, when Azure has it
 */
export function withGoingOn(
  failure: Failure,
  running: readonly Step[],
  version: string | undefined,
): Failure {
  if (failure.kind !== 'cancelled' && failure.kind !== 'timeout') return failure;
  const { kind, what, why, remedy, cause } = failure;
  const going = running.map(describeGoingOn).join('; ');
  return new Failure({
    kind,
    what,
    why: [why, going && `In Azure, ${going}.`].filter(Boolean).join(' '),
    remedy: [remedy, version && howToWait(version)].filter(Boolean).join(' '),
    ...(cause !== undefined && { cause }),
  });
}
