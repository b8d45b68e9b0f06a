import { isRefusal } from '../../domain/failure.ts';
import type { Vm } from '../../domain/observed.ts';
import {
  DEPROVISION_TAG,
  type DeprovisionMark,
  deprovisionMark,
  deprovisionNonce,
  formatDeprovisionMark,
  hasBegunDeprovision,
  snapshotsDigest,
} from '../../domain/owner.ts';
import { defined } from '../../domain/plain-objects.ts';
import { tagValue, withTags } from '../../domain/tags.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Answer } from '../guest/marks.ts';
import type { StepContext } from '../ports.ts';
import { isSameVm, vmReplaced } from '../same-vm.ts';
import { watch } from '../wait.ts';
import { snapshotMissing, tagNotKept, vmGone } from './deprovision-failures.ts';

/** The deprovision of one guest. */
export interface Work {
  readonly step: StepOf<'deprovision'>;
  readonly context: StepContext;
  readonly nonce: string;
  /** Tells the log. */
  say(line: string): void;
  /** Looks at the VM; throws when it is gone or another one. */
  vm(): Promise<Vm>;
  /** The VM as it was a minute ago at most: beside what the guest tells, its power is old news. */
  recentVm(): Promise<Vm>;
  /** Writes the stage to the VM's tag and reads it back; `seen` is the VM where it was just read. */
  mark(stage: DeprovisionMark['stage'], seen?: Vm): Promise<{ readonly switchedOn: boolean }>;
}

/** Seconds between looks at the power state of a guest that is listened to. */
const RECENT_SECONDS = 60;

export function workOf(step: StepOf<'deprovision'>, context: StepContext): Work {
  const { compute, pollSeconds, report, target } = context;
  const { owner } = target;
  const nonce = deprovisionNonce(owner);
  let last: { readonly vm: Vm; readonly at: number } | undefined;
  let written: Pick<DeprovisionMark, 'snapshots'> | undefined;
  const current = async (): Promise<Vm> => {
    const vm = await compute.vm(step.vm);
    if (!vm) throw vmGone(step.vm);
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
    say,
    vm: current,
    recentVm: async () => (last && Date.now() - last.at < recent * 1000 ? last.vm : current()),
    mark: async (stage, seen) => {
      const vm = seen ?? (await current());
      const isHeard = stage !== 'complete' && step.osType === 'Linux';
      const switchedOn = isHeard && !vm.bootDiagnostics;
      if (switchedOn) say('Enabling managed boot diagnostics, to read the serial console.');
      written = await writeMark(
        step.vm,
        vm,
        { stage, owner, nonce, ...written },
        context,
        switchedOn,
      );
      return { switchedOn };
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
  id: string,
  { tags }: Vm,
  mark: DeprovisionMark,
  context: StepContext,
  enableBootDiagnostics: boolean,
): Promise<Pick<DeprovisionMark, 'snapshots'>> {
  const { compute } = context;
  const taken = mark.stage === 'scheduled' ? await takenBefore(id, context) : undefined;
  // What was taken before the change is settled once the change has begun, also where a read is older.
  const snapshots =
    mark.snapshots ??
    (hasBegunDeprovision(mark.owner, tags) ? deprovisionMark(tags)?.snapshots : taken);
  const value = formatDeprovisionMark({ ...mark, ...(snapshots && { snapshots }) });
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
  if (!kept) throw tagNotKept(id, mark, shown);
  return defined({ snapshots });
}

/**
 * What tells the snapshots by which the VM comes back. Their own tags can be lost, and their names are
 * known beforehand: without this, a re-run could not tell them from others of the same disks.
 */
async function takenBefore(vm: string, { compute, target }: StepContext) {
  const wanted = target.operation === 'capture' ? target.snapshots : [];
  const all = await Promise.all(wanted.map(({ snapshot }) => compute.snapshot(snapshot)));
  const taken = all.filter((each) => each !== undefined);
  // None is taken where the tag says that the change has begun.
  if (taken.length < all.length) throw snapshotMissing(vm);
  return snapshotsDigest(taken);
}

/** Whether Azure said no at once, so that no attempt can have reached the guest. */
export const wasRefused = (failure: unknown): boolean =>
  isRefusal(failure) && failure.status !== undefined;

/** Tells that the guest has the order, if what it printed says so; gives whether it does. */
export function tellScheduled({ say }: Work, outcome: Answer['outcome'] | undefined): boolean {
  if (outcome === 'scheduled') say('Scheduled in the guest; waiting for its completion mark.');
  else if (outcome === 'already-scheduled')
    say('An earlier attempt has already scheduled it in the guest.');
  else return false;
  return true;
}
