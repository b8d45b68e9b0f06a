import type { RestoreRequest } from '../../domain/request.ts';
import { readSubscription, readVm } from './places.ts';
import type { InputReader } from './reader.ts';

/** What a restore is to do; `undefined` when a mistake was noted that leaves it open. */
export function readRestore(reader: InputReader): RestoreRequest | undefined {
  const subscriptionId = readSubscription(reader, typeof reader.value('vm') === 'object');
  const vm = readVm(reader, { subscriptionId, resourceGroup: reader.value('resource-group') });
  if (!vm) return undefined;
  return {
    operation: 'restore',
    vm,
    snapshotIds: reader.value('snapshot-ids') ?? [],
    oldDisks: reader.value('old-disks'),
    recreate: reader.value('recreate'),
  };
}
