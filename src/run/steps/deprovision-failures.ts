import { Failure } from '../../domain/failure.ts';
import type { Progress } from '../guest/progress.ts';
import type { GuestFinding } from '../guest/scheduling.ts';

/* How a deprovision ends badly, in words. */

export const vmGone = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `The build VM ${id} is gone.`,
    why: 'Somebody deleted it while this run was at work on it.',
    remedy: 'Build the VM again, then run again.',
  });

export const notRunning = (vm: { readonly name: string; readonly power: string }) =>
  new Failure({
    kind: 'refused',
    what: `${vm.name} is ${vm.power}, so its guest cannot be deprovisioned.`,
    why: 'It was running when this run looked at it first; somebody stopped it since.',
    remedy: 'Start the VM, then run again.',
  });

export const notReady = (vm: string, findings: readonly GuestFinding[]) =>
  new Failure({
    kind: 'refused',
    what: `The guest of ${vm} is not ready to be deprovisioned.`,
    why: findings.map((finding) => finding.message).join(' '),
    remedy: `${findings.map((finding) => finding.remedy).join(' ')} Nothing was changed in the guest.`,
  });

export const noAnswer = (vm: string, printed: string) =>
  new Failure({
    kind: 'refused',
    what: `The guest of ${vm} did not answer as expected when its deprovision was to be scheduled.`,
    why: printed.trim() ? `It printed: ${printed}` : 'It printed nothing.',
    remedy: 'Look whether Run Command works on this VM (`az vm run-command invoke`).',
  });

export const failedInGuest = ({ phase, exitCode }: Progress) =>
  new Failure({
    kind: 'refused',
    what: `The deprovision failed in the guest${phase ? ` in phase ${phase}` : ''}${exitCode === undefined ? '' : ` with exit code ${exitCode}`}.`,
    why: 'The lines marked "guest:" above are what it wrote.',
    remedy:
      'The VM was left running and is not marked generalized. Mend the cause, or build the VM again, then run again.',
  });

export const tooLate = (seconds: number) =>
  new Failure({
    kind: 'refused',
    what: `The guest did not complete its deprovision within ${Math.round(seconds / 60)} minutes.`,
    why: 'Its deprovision hangs, or takes longer than usual; the lines marked "guest:" above are what was heard of it, if anything.',
    remedy:
      'The VM was not generalized. If the deprovision only needs longer, raise `deprovision-timeout-minutes`; run the failed job again to take up waiting.',
  });

export const unproven = () =>
  new Failure({
    kind: 'refused',
    what: 'The VM is stopped, but its guest does not show that the deprovision completed.',
    why: 'Somebody may have stopped it in the midst of it, or the guest crashed.',
    remedy:
      'The VM was not generalized. Restore it from its snapshot or build it again; if you know that the deprovision completed, run with `deprovision: never`.',
  });
