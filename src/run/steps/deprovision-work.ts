import {
  DEPROVISION_TAG,
  type DeprovisionMark,
  deprovisionedBy,
  deprovisionMark,
  deprovisionNonce,
  formatDeprovisionMark,
  osDiskDigest,
  snapshotsDigest,
} from '../../domain/deprovision-mark.ts';
import { type Failure, isRefusal, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { type Tags, tagValue, withTags } from '../../domain/tags.ts';
import type { Vm } from '../../domain/vm.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Answer, GuestFinding, Heard } from '../guest/marks.ts';
import { STAY_SECONDS } from '../guest/windows-task.ts';
import { thatExist } from '../reading.ts';
import { isSameVm, requireSnapshots, vmReplaced } from '../same-vm.ts';
import type { StepContext } from '../step-context.ts';
import { watch } from '../wait.ts';

/** Seconds between looks at the power state of a guest that is listened to. */
const RECENT_SECONDS = 60;

/** The deprovision of one guest. */
export type Work = ReturnType<typeof workOf>;

export function workOf(step: StepOf<'deprovision'>, context: StepContext) {
  const { compute, pollSeconds, report, target } = context;
  const { owner } = target;
  const nonce = deprovisionNonce(owner);
  let last: { readonly vm: Vm; readonly at: number } | undefined;
  let snapshots: string | undefined;
  let os: string | undefined;
  const current = async (): Promise<Vm> => {
    const vm = await compute.vm(step.vm);
    if (!vm)
      throw refused({
        what: `The build VM ${step.vm} is gone.`,
        why: 'Somebody deleted it during this run.',
        remedy: 'Build the VM again, then run again.',
      });
    if (!isSameVm(context, vm)) throw vmReplaced(vm.name);
    last = { vm, at: Date.now() };
    return vm;
  };
  const recent = Math.min(RECENT_SECONDS, pollSeconds ?? Infinity);
  const say = (line: string) => report.say(step, line);
  return {
    step,
    context,
    nonce,
    /** Tells the log. */
    say,
    /** Looks at the VM; throws when it is gone or another one. */
    vm: current,
    /** The VM as it was a minute ago at most: beside what the guest tells, its power is old news. */
    recentVm: async () => (last && Date.now() - last.at < recent * 1000 ? last.vm : current()),
    /**
     * Writes the stage to the VM's tag and reads it back; `seen` is the VM where it was just read. Gives
     * whether it has switched on boot diagnostics, by which a Linux guest is heard.
     */
    mark: async (stage: DeprovisionMark['stage'], seen?: Vm) => {
      const vm = seen ?? (await current());
      const switchedOn = stage !== 'complete' && step.osType === 'Linux' && !vm.bootDiagnostics;
      if (switchedOn) say('Enabling managed boot diagnostics, to read the serial console.');
      const taken = stage === 'scheduled' ? await takenBefore(vm, context) : undefined;
      // What was taken before the change is settled once the change has begun, also where a read is older.
      const hasBegun = deprovisionedBy(vm.tags) === owner;
      snapshots ??= hasBegun ? deprovisionMark(vm.tags)?.snapshots : taken;
      if (stage === 'scheduled') os = osDiskDigest(vm);
      else os ??= deprovisionMark(vm.tags)?.os;
      // A Linux guest is heard once more where it is off.
      const completed = stage === 'complete' && step.osType === 'Windows' && compute.azureTime();
      const mark = {
        ...{ stage, owner, nonce },
        ...(snapshots && { snapshots }),
        ...(os && { os }),
        ...(completed && { completed }),
      };
      await writeMark(step, vm.tags, mark, context, switchedOn);
      return switchedOn;
    },
  };
}

/** Seconds to look for the tag: a read may be stale for a moment. */
const READ_BACK_SECONDS = 60;

/**
 * Writes how far the deprovision has come to the VM's tag, and reads it back: a policy or a tool may
 * remove tags or change them, and without this one a later attempt could not know what was begun.
 *
 * Throws a `Failure` when Azure does not keep the tag, or another VM has the name now.
 */
async function writeMark(
  step: StepOf<'deprovision'>,
  tags: Tags,
  mark: DeprovisionMark,
  context: StepContext,
  enableBootDiagnostics: boolean,
): Promise<void> {
  const { compute } = context;
  const { vm: id } = step;
  const value = formatDeprovisionMark(mark);
  let read = await compute.updateVm(id, {
    tags: withTags(tags, { [DEPROVISION_TAG]: value }),
    enableBootDiagnostics,
  });
  let shown: string | undefined;
  const kept = await watch(
    async () => {
      read ??= await compute.vm(id);
      // The guest is spoken to next: the VM that carries the tag has to be the one that was judged.
      if (read && !isSameVm(context, read)) throw vmReplaced(read.name);
      shown = tagValue(read?.tags ?? {}, DEPROVISION_TAG);
      read = undefined;
      return shown === value || undefined;
    },
    { ...context, expectedSeconds: EXPECTED.tagVm, limitSeconds: READ_BACK_SECONDS },
  );
  if (!kept) throw tagNotKept(step, mark, shown);
}

const tagNotKept = (
  { vm, osType }: StepOf<'deprovision'>,
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
        ? `The guest is deprovisioned, and switches itself off within ${osType === 'Windows' ? `${STAY_SECONDS / 60} minutes` : 'about half an hour'}.`
        : 'This attempt changed nothing in the guest.'
    }`,
  });
};

/**
 * What tells the snapshots by which the VM comes back. Their own tags can be lost, and their names are
 * known beforehand: without this, a re-run could not tell them from others of the same disks.
 */
async function takenBefore(vm: Vm, { compute, target }: StepContext) {
  requireSnapshots(
    { target },
    vm,
    `The guest of ${vm.name} was not given the order to deprovision itself`,
  );
  const wanted = target.operation === 'capture' ? target.snapshots : [];
  const ids = wanted.map(({ snapshot }) => snapshot);
  const taken = await thatExist(ids, (id) => compute.snapshot(id));
  // None is taken where the tag says that the change has begun.
  if (taken.length < ids.length)
    throw refused({
      what: `The guest of ${vm.name} was not deprovisioned: a snapshot of before the change is missing.`,
      why: `Somebody deleted it, attached a disk since, or wrote the tag \`${DEPROVISION_TAG}\` of the VM.`,
      remedy:
        'Detach such a disk. If the guest is unchanged, remove this tag and re-run the failed job, which takes the snapshot. Otherwise restore the VM, or build it again.',
    });
  return snapshotsDigest(taken);
}

/** Whether Azure said no at once, so that no attempt can have reached the guest. */
export const wasRefused = (failure: unknown): boolean =>
  isRefusal(failure) && failure.status !== undefined;

/** Tells that the guest has the order, if what it printed says so; gives whether it does. */
export function tellScheduled({ say }: Work, { outcome }: Answer): boolean {
  if (outcome === 'scheduled') say('Scheduled in the guest; waiting for its completion mark.');
  else if (outcome === 'already-scheduled')
    say('An earlier attempt has already scheduled it in the guest.');
  else return false;
  return true;
}

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
