import type { Snapshot } from '../domain/observed.ts';
import {
  expiredSnapshots,
  isOfAnother,
  isOfEarlierRun,
  type Retention,
} from '../domain/snapshot-sets.ts';
import { ifAllowed } from './if-allowed.ts';
import type { Reads } from './ports.ts';

/** The snapshots among these that retention lets go. */
export async function expiredAmong(
  compute: Reads,
  listed: readonly Snapshot[],
  retention: Retention,
): Promise<string[]> {
  const ours = await Promise.all(
    listed.map(async (each) => ((await isExpirable(compute, each, retention)) ? [each] : [])),
  );
  return expiredSnapshots(ours.flat(), retention);
}

/** Whether a snapshot is of an earlier run, no version needs it, and its disk is no other VM's. */
export async function isExpirable(
  compute: Reads,
  snapshot: Snapshot,
  retention: Pick<Retention, 'tags' | 'vm'>,
): Promise<boolean> {
  if (!isOfEarlierRun(snapshot, retention, compute.azureTime())) return false;
  return !isOfAnother(snapshot, await ifAllowed(compute.disk(snapshot.sourceId ?? '')), retention);
}
