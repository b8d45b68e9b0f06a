import type { PruneRequest } from '../../domain/request.ts';
import { readDefinition, readSubscription, readVm } from './places.ts';
import type { InputReader } from './reader.ts';

/** What to prune, and what stays; `undefined` when a mistake was noted that leaves it open. */
export function readPrune(reader: InputReader): PruneRequest | undefined {
  const vm = reader.value('vm');
  const isById =
    typeof reader.value('image-definition') === 'object' &&
    (vm === undefined || typeof vm === 'object');
  const subscriptionId = readSubscription(reader, isById);
  const resourceGroup = reader.value('resource-group');
  const definition = readDefinition(reader, {
    subscriptionId,
    resourceGroup: reader.value('gallery-resource-group') ?? resourceGroup,
  });
  const snapshotsOf =
    reader.text('vm') === undefined ? undefined : readVm(reader, { subscriptionId, resourceGroup });
  const keep = reader.value('snapshot-retention');
  const olderThan = reader.required('older-than');
  const usageSubscriptions = reader.required('usage-subscriptions');
  if (!definition || !olderThan || !usageSubscriptions) return undefined;
  return {
    operation: 'prune',
    definition,
    olderThan,
    usageSubscriptions,
    keepVersions: reader.value('keep-versions'),
    maxDeletions: reader.value('max-deletions'),
    keepTags: reader.value('keep-tags') ?? [],
    ...(snapshotsOf && keep !== undefined && { snapshots: { vm: snapshotsOf, keep } }),
  };
}
