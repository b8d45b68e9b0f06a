import { Failure } from '../../domain/failure.ts';
import {
  DEPROVISION_TAG,
  type DeprovisionMark,
  deprovisionMark,
  formatDeprovisionMark,
  hasBegunDeprovision,
  snapshotsDigest,
} from '../../domain/owner.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { type Tags, tagValue, withTags } from '../../domain/tags.ts';
import { EXPECTED } from '../../plan/durations.ts';
import type { StepContext } from '../ports.ts';
import { isSameVm, vmReplaced } from '../same-vm.ts';
import { watch } from '../wait.ts';

/** Seconds to look for the tag: a read may be stale for a moment. */
const READ_BACK_SECONDS = 60;

/**
 * Writes how far the deprovision has come to the VM's tag, and reads it back: a policy or a tool may
 * remove tags or change them, and without this one a later attempt could not know what was begun.
 *
 * Throws a `Failure` when Azure does not keep the tag, or another VM has the name now.
 */
export async function writeMark(
  vm: string,
  mark: DeprovisionMark,
  context: StepContext,
  { enableBootDiagnostics, tags }: { readonly enableBootDiagnostics: boolean; readonly tags: Tags },
): Promise<void> {
  const { compute, pollSeconds, signal } = context;
  const before = deprovisionMark(tags);
  // What was taken before the change is settled once the change has begun.
  const snapshots = hasBegunDeprovision(mark.owner, tags)
    ? before?.snapshots
    : await takenBefore(mark, context);
  const value = formatDeprovisionMark({ ...mark, ...(snapshots && { snapshots }) });
  let read = await compute.updateVm(vm, {
    tags: withTags(tags, { [DEPROVISION_TAG]: value }),
    enableBootDiagnostics,
  });
  let shown: string | undefined;
  const kept = await watch(
    async () => {
      read ??= await compute.vm(vm);
      // The guest is spoken to next: the VM that carries the tag has to be the one that was judged.
      if (read && !isSameVm(context, read)) throw vmReplaced(read.name);
      shown = tagValue(read?.tags ?? {}, DEPROVISION_TAG);
      read = undefined;
      return shown === value || undefined;
    },
    { expectedSeconds: EXPECTED.tagVm, limitSeconds: READ_BACK_SECONDS, pollSeconds, signal },
  );
  if (!kept) throw notKept(vm, mark, shown);
}

/**
 * What tells the snapshots by which the VM comes back. Their own tags can be lost, and their names are
 * known beforehand: without this, a re-run could not tell them from others of the same disks.
 */
async function takenBefore({ stage }: DeprovisionMark, { compute, target }: StepContext) {
  if (stage === 'asked' || target.operation !== 'capture' || target.newDisks.length === 0)
    return undefined;
  const taken = await Promise.all(
    target.snapshots.map(({ snapshot }) => compute.snapshot(snapshot)),
  );
  return snapshotsDigest(taken.filter((each) => each !== undefined));
}

const notKept = (vm: string, { stage, owner }: DeprovisionMark, shown: string | undefined) => {
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
  return new Failure({
    kind: 'refused',
    what: `Azure did not keep the tag \`${DEPROVISION_TAG}\` of VM \`${nameOf(vm)}\`${shown === undefined ? '' : `: it reads \`${shown}\``}.`,
    why,
    remedy: `${remedy} ${
      stage === 'complete'
        ? 'The guest is deprovisioned and waits for half an hour.'
        : 'Nothing was changed in the guest.'
    }`,
  });
};
