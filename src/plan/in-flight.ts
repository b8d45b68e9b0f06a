import { Failure } from '../domain/failure.ts';
import { stepToPaste, wayBack } from '../domain/paste.ts';
import { describeInFlight, type Step } from './plan.ts';

/** How to wait for a version in another step or job, ready to paste into a workflow. */
export const howToWait = (version: string): string =>
  `To only wait for the version, in this or another job: \`operation: wait\` with \`source-image-version: ${version}\`.`;

const SLOW = 'Replication to distant regions can take hours.';

/** Steps of a capture from which on its VM is not as it was. */
const CHANGING: readonly Step['do'][] = ['deprovision', 'deallocate', 'generalize', 'publish'];

/**
 * The end of a run that was cancelled or ran out of time, with what is in flight and how to wait for
 * that; any other failure as it is.
 *
 * @param running the step that had begun and not ended
 * @param version resource ID of the version, when Azure has it
 * @param changed what a capture without a version has done to its VM, of which it has snapshots
 */
export function withInFlight(
  failure: Failure,
  running: Step | undefined,
  version: string | undefined,
  changed?: { readonly vm: string; readonly steps: readonly Step[] },
): Failure {
  if (failure.kind !== 'cancelled' && failure.kind !== 'timeout') return failure;
  const { kind, what, why, remedy, cause } = failure;
  const inFlight = running && describeInFlight(running);
  const kinds = [...(changed?.steps ?? []), ...(running ? [running] : [])].map((each) => each.do);
  const back =
    changed && !version && kinds.some((one) => CHANGING.includes(one))
      ? wayBack(changed.vm, kinds.includes('generalize'))
      : undefined;
  return new Failure({
    kind,
    what,
    why: [
      kind === 'timeout' && running?.do === 'replicate' && SLOW,
      why,
      inFlight && `In Azure, ${inFlight}.`,
    ]
      .filter(Boolean)
      .join(' '),
    remedy: [
      remedy,
      version && 'To only wait for the version, use this step in this or another job:',
      back?.text,
    ]
      .filter(Boolean)
      .join(' '),
    ...(version && {
      paste: stepToPaste({ operation: 'wait', 'source-image-version': version }),
    }),
    ...(back && { paste: back.paste }),
    ...(cause !== undefined && { cause }),
  });
}
