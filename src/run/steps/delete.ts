import { Failure } from '../../domain/failure.ts';
import { isOurs, type Owned } from '../../domain/ownership.ts';
import { nameOf, type ResourceKind, resourceKind } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import { isUsedOnlyBy } from '../attached.ts';
import type { Bench, Compute } from '../ports.ts';

/** An address cannot go before its interface, nor that, or a disk, before the VM. */
const ORDER: readonly ResourceKind[] = [
  'version',
  'image',
  'snapshot',
  'vm',
  'disk',
  'nic',
  'publicIp',
];

/** Deletes resources, each looked at once more right before: a deletion cannot be taken back. */
export async function deleteAll(step: StepOf<'delete'>, bench: Bench): Promise<void> {
  for (const kind of ORDER) {
    const ids = step.of.filter((id) => resourceKind(id) === kind);
    await Promise.all(
      ids.map(async (id) => {
        if (!(await mayDelete(id, kind, step, bench))) return;
        await deleteOne(bench.compute, id, kind);
        bench.report.say(step, `Deleted ${nameOf(id)}.`);
      }),
    );
  }
}

/** Deletes a resource, whatever its kind; returns when it is gone. */
export function deleteOne(compute: Compute, id: string, kind = resourceKind(id)): Promise<void> {
  switch (kind) {
    case 'version':
      return compute.deleteVersion(id);
    case 'image':
      return compute.deleteImage(id);
    case 'snapshot':
      return compute.deleteSnapshot(id);
    case 'vm':
      return compute.deleteVm(id);
    case 'disk':
      return compute.deleteDisk(id);
    case 'nic':
    case 'publicIp':
      return compute.deleteNetworkPart(id);
    default:
      throw new TypeError(`Not a resource that this action deletes: ${id}`);
  }
}

/** Whether it is there still, and still this run's to delete. */
async function mayDelete(
  id: string,
  kind: ResourceKind,
  step: StepOf<'delete'>,
  bench: Bench,
): Promise<boolean> {
  const { compute, owner } = bench;
  switch (kind) {
    case 'version':
      return mayDeleteVersion(id, step, bench);
    case 'image':
      return isOurOwn(owner, await compute.image(id));
    case 'snapshot':
      // Of earlier runs, so of other owners.
      if (step.label === 'old-snapshots') return true;
      return isOurOwn(owner, await compute.snapshot(id));
    case 'vm':
      return (await compute.vm(id)) !== undefined;
    default:
      return isUsedOnlyBy(
        compute,
        id,
        step.of.filter((other) => resourceKind(other) === 'vm'),
      );
  }
}

const isOurOwn = (owner: string, found: Owned | undefined): boolean =>
  found !== undefined && isOurs(owner, found);

/**
 * A version of this owner whose first build failed: Azure lets nothing else be done with it
 * (azure.md §5).
 */
async function mayDeleteVersion(
  id: string,
  step: StepOf<'delete'>,
  { compute, owner, report }: Bench,
): Promise<boolean> {
  const version = await compute.version(id);
  if (!version) return false;
  if (!isOurs(owner, version))
    throw new Failure({
      kind: 'refused',
      what: `Image version ${nameOf(id)} is not this run's any more, so it is not deleted.`,
      why: 'Somebody else made or changed it in the meantime.',
      remedy: 'Run again with another `image-version`, or `auto`.',
    });
  if (version.provisioningState === 'Failed') {
    const reason = await compute.whyFailed(id);
    report.say(step, reason ? `It had failed: ${reason}` : 'An earlier attempt left it Failed.');
  }
  return true;
}
