import type { Failure } from '../domain/failure.ts';
import { defined } from '../domain/plain-objects.ts';
import { joined } from '../domain/words.ts';
import { describeInFlight, type Step } from './plan.ts';
import { stepToPaste, wayBack } from './step-to-paste.ts';

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
  const { kind, why, remedy } = failure;
  const kinds = [...(changed?.steps ?? []), ...(running ? [running] : [])].map((each) => each.do);
  const back =
    changed && !version && kinds.some((one) => CHANGING.includes(one))
      ? wayBack(changed.vm, kinds.includes('generalize'))
      : undefined;
  const isSlow = kind === 'timeout' && running?.do === 'replicate';
  return failure.with({
    why: joined(' ', [
      isSlow && 'Replication to distant regions can take hours.',
      why,
      running && `In Azure, ${describeInFlight(running)}.`,
    ]),
    remedy: joined(' ', [
      remedy,
      version && 'To only wait for the version, use this step in this or another job:',
      back?.text,
    ]),
    ...defined({
      paste: version
        ? stepToPaste({ operation: 'wait', 'source-image-version': version })
        : back?.paste,
    }),
  });
}
