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
import { isRefusal, refused } from '../../domain/failure.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { type Tags, tagValue, withTags } from '../../domain/tags.ts';
import type { Vm } from '../../domain/vm.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Answer } from '../guest/marks.ts';
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
