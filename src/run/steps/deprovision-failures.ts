import { Failure, refused } from '../../domain/failure.ts';
import { DEPROVISION_TAG, type DeprovisionMark, deprovisionMark } from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Answer, GuestFinding, Heard } from '../guest/marks.ts';

/* How a deprovision ends badly, in words. */

export const vmGone = (id: string) =>
  refused({
    what: `The build VM ${id} is gone.`,
    why: 'Somebody deleted it during this run.',
    remedy: 'Build the VM again, then run again.',
  });

export const notRunning = (vm: { readonly name: string; readonly power: string }) =>
  refused({
    what: `${vm.name} is ${vm.power}, so its guest cannot be deprovisioned.`,
    why: 'It was running when this run looked at it first; somebody stopped it since.',
    remedy: 'Start the VM, then run again.',
  });

export const capturedByAnother = (vm: { readonly name: string; readonly power: string }) =>
  new Failure({
    kind: 'refused',
    what: `Another run captures ${vm.name} now. It is ${vm.power}, and its guest has said nothing to this run.`,
    why: 'It has put its mark on the VM, or has generalized it, while this run was at work.',
    remedy:
      'Let only one run at a time capture a VM (docs/reruns.md). Use the version of the other run, or build the VM again.',
  });

/** The guest has refused the order, and is as it was. */
export const notReady = (vm: string, findings: readonly GuestFinding[]) =>
  refused({
    what: `The guest of ${vm} is not ready to be deprovisioned.`,
    why: findings.map((finding) => finding.message).join(' '),
    remedy: `${findings.map((finding) => finding.remedy).join(' ')} Nothing was changed in the guest.`,
  });

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

/** WALinuxAgent#3547; linux/run-command.md: a script runs for 90 minutes at most. */
const STUCK =
  'An earlier Run Command is possibly stuck in the VM. It blocks every later one until Azure ends it, after 90 minutes.';
const UNTIL_IT_WORKS = 'Wait until `az vm run-command invoke` works on this VM';

export const failedInGuest = ({ phase, exitCode, shutDown }: Heard) =>
  refused({
    what: `The deprovision failed in the guest${phase ? ` in phase ${phase}` : ''}${exitCode === undefined ? '' : ` with exit code ${exitCode}`}.`,
    why: shutDown
      ? 'The system was shutting down or restarting: something in the guest, such as `deprovision-script`, asked for that.'
      : 'The lines marked "guest:" above are its messages.',
    remedy: 'Fix the cause, or build the VM again, then re-run the failed job.',
  });

export const tooLate = (seconds: number, trouble?: Failure) =>
  refused({
    what: `The guest did not complete its deprovision within ${Math.round(seconds / 60)} minutes.`,
    why: trouble
      ? `Its serial console cannot be read: ${trouble.message}`
      : 'Its deprovision hangs, or takes longer than usual; the lines marked "guest:" above are its messages, if there are any.',
    remedy:
      'The VM was not generalized. If the deprovision only needs longer, raise `deprovision-timeout-minutes`. Re-run the failed job; it resumes here.',
  });

export const restartedInGuest = ({ phase, outcome }: Heard) =>
  refused({
    what: `The guest was restarted ${outcome === 'complete' ? 'after its deprovision' : `in the middle of its deprovision${phase ? `, in phase ${phase}` : ''}`}.`,
    why: 'Something in the guest, or somebody, restarted it. What a restart creates is in it again.',
    remedy: 'The VM was not generalized. Re-run the failed job; it deprovisions the guest again.',
  });

/**
 * Nothing irreversible was done: the tag, and boot diagnostics, are all that was changed.
 *
 * @param switchedOn whether this run has switched boot diagnostics on
 * @param answer what the guest told Run Command
 * @param trouble why the log could not be read last
 */
export const notHeard = (vm: string, switchedOn: boolean, answer: Answer, trouble?: Failure) => {
  const [why, remedy] = causeOf(switchedOn, answer, trouble);
  return refused({
    what: `The serial console of ${vm} shows no message of the guest, so it was not deprovisioned.`,
    why,
    remedy: `${remedy} Only the tag \`golden-image-deprovision\` ${switchedOn ? 'and boot diagnostics, which are on now, were' : 'was'} changed.`,
  });
};

function causeOf(switchedOn: boolean, answer: Answer, trouble?: Failure): [string, string] {
  const console = answer.outcome === 'hello' ? answer.console : undefined;
  if (console === 'hanging')
    return [
      'Writing to the console hangs in the guest, as it does on some VMs after a live migration.',
      'Restart the VM, then re-run the failed job.',
    ];
  if (console === 'none')
    return [
      'The guest has no serial console: neither `/dev/ttyS0` nor `/dev/ttyAMA0` is there.',
      'Use a kernel with the driver of the serial port, or deprovision the guest by other means and set `deprovision: never`.',
    ];
  if (trouble?.status === 403)
    return [
      `The log cannot be read (HTTP 403): ${trouble.why ?? trouble.what}`,
      'If boot diagnostics keep it in a storage account of your own, allow access from this runner and shared keys there, or use a managed account. Otherwise grant the role in `docs/permissions.md`.',
    ];
  if (trouble)
    return [`The log cannot be read: ${trouble.message}`, 'Re-run the failed job later.'];
  if (!console)
    return [
      `Run Command did not end, and the serial console shows nothing either. ${STUCK}`,
      `${UNTIL_IT_WORKS}, then re-run the failed job.`,
    ];
  if (switchedOn)
    return [
      'Boot diagnostics were off until this run; a VM can need a restart before they record.',
      'Restart the VM, then re-run the failed job.',
    ];
  return [
    'The guest has written to its console, but the log of boot diagnostics did not change for 15 minutes.',
    'Look at the serial log of the VM in the portal, restart the VM, then re-run the failed job.',
  ];
}

export const unproven = (heard?: Pick<Heard, 'restarted'> & { readonly trouble?: Failure }) =>
  refused({
    what: 'The VM is stopped, but its guest does not show that the deprovision completed.',
    why: heard?.trouble
      ? `Its serial console cannot be read: ${heard.trouble.message}`
      : heard?.restarted
        ? 'The guest was started again after its last message.'
        : 'Somebody stopped it during the deprovision, or the guest crashed.',
    remedy: `The VM was not generalized. ${heard ? 'Start it, then re-run the failed job, which deprovisions the guest again. Otherwise restore' : 'Restore'} it from its snapshot, or build it again. If you know that the deprovision completed, run with \`deprovision: never\`.`,
  });

export const snapshotMissing = (vm: string) =>
  refused({
    what: `The guest of ${nameOf(vm)} was not deprovisioned: a snapshot of before the change is missing.`,
    why: `Somebody deleted it, or wrote the tag \`${DEPROVISION_TAG}\` of the VM.`,
    remedy:
      'If the guest is unchanged, remove this tag and re-run the failed job, which takes the snapshot. Otherwise restore the VM, or build it again.',
  });

export const tagNotKept = (
  vm: string,
  { stage, owner }: DeprovisionMark,
  shown: string | undefined,
) => {
  const other = deprovisionMark(shown === undefined ? {} : { [DEPROVISION_TAG]: shown });
  const [why, remedy] =
    other && other.owner !== owner
      ? [
          'Another run has written its own mark there: it captures the same VM now.',
          'Let only one run at a time capture a VM (docs/reruns.md), and wait for the other run.',
        ]
      : [
          'A policy or a tool removes or changes tags.',
          'Exempt this tag from it, then re-run the failed job.',
        ];
  return refused({
    what: `Azure did not keep the tag \`${DEPROVISION_TAG}\` of VM \`${nameOf(vm)}\`${shown === undefined ? '' : `: it reads \`${shown}\``}.`,
    why,
    remedy: `${remedy} ${
      stage === 'complete'
        ? 'The guest is deprovisioned and waits for half an hour.'
        : 'Nothing was changed in the guest.'
    }`,
  });
};
