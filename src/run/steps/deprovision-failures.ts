import { type Failure, refused } from '../../domain/failure.ts';
import type { Vm } from '../../domain/vm.ts';
import type { GuestFinding, Heard } from '../guest/marks.ts';

/* How a deprovision ends badly, in words. */

export const notRunning = (vm: Vm) =>
  refused({
    what: `${vm.name} is ${vm.power}, so its guest cannot be deprovisioned.`,
    why: 'It was running when this run first looked at it. Somebody has stopped it since.',
    remedy: 'Start the VM, then run again.',
  });

/** The guest has refused the order, and is as an earlier attempt may have left it. */
export const notReady = (vm: string, findings: readonly GuestFinding[]) =>
  refused({
    what: `The guest of ${vm} is not ready to be deprovisioned.`,
    why: findings.map((finding) => finding.message).join(' '),
    remedy: `${findings.map((finding) => finding.remedy).join(' ')} This attempt changed nothing in the guest.`,
  });

/** WALinuxAgent#3547; linux/run-command.md: a script runs for 90 minutes at most. */
export const STUCK =
  'An earlier Run Command is possibly stuck in the VM. It blocks every later one until Azure ends it, after 90 minutes.';
export const UNTIL_IT_WORKS = 'Wait until `az vm run-command invoke` works on this VM';

export const noAnswer = (vm: string, printed?: string) =>
  refused({
    what: `The guest of ${vm} did not confirm the order to deprovision itself.`,
    why:
      printed === undefined
        ? `Run Command did not end, and the serial console does not show that the deprovision began. ${STUCK}`
        : printed.trim()
          ? `It printed: ${printed}`
          : 'It printed nothing.',
    remedy: `${UNTIL_IT_WORKS}, then re-run the failed job; it resumes here.`,
  });

/** The guest ended its deprovision-script or Sysprep, because the time was over. */
const ENDED_LATE = 124;

export const failedInGuest = ({ phase, exitCode, shutDown }: Heard) =>
  refused({
    what: `The deprovision failed in the guest${phase ? ` in phase ${phase}` : ''}${exitCode === undefined ? '' : ` with exit code ${exitCode}`}.`,
    why: shutDown
      ? 'The system was shutting down or restarting: something in the guest, such as `deprovision-script`, asked for that.'
      : exitCode === ENDED_LATE
        ? 'Exit code 124 says that the time limit ended it. The lines marked `guest:` in the log are its messages.'
        : 'The lines marked `guest:` in the log are its messages.',
    remedy:
      exitCode === ENDED_LATE
        ? 'Raise `deprovision-timeout-minutes`, or fix what hangs. Then re-run the failed job. If Sysprep was ended, restore the VM or build it again first.'
        : 'Fix the cause, or build the VM again, then re-run the failed job.',
  });

export const tooLate = (seconds: number, trouble?: Failure) =>
  refused({
    what: `The guest did not complete its deprovision within ${Math.round(seconds / 60)} minutes.`,
    why: trouble
      ? `Its serial console cannot be read: ${trouble.message}`
      : 'Its deprovision hangs, or takes longer than usual; the lines marked `guest:` in the log are its messages, if there are any.',
    remedy:
      'The VM was not generalized. If the deprovision only needs longer, raise `deprovision-timeout-minutes`. Re-run the failed job; it resumes here.',
  });

export const unproven = (heard?: Heard) =>
  refused({
    what: 'The VM is stopped, but its guest does not show that the deprovision completed.',
    why: heard?.trouble
      ? `Its serial console cannot be read: ${heard.trouble.message}`
      : heard?.restarted
        ? 'The guest was started again after its last message.'
        : 'Somebody stopped it during the deprovision, or the guest crashed.',
    remedy: `The VM was not generalized. ${heard ? 'Start it, then re-run the failed job, which deprovisions the guest again. Otherwise restore' : 'Restore'} it from its snapshot, or build it again. If you know that the deprovision completed, run with \`deprovision: never\`.`,
  });
