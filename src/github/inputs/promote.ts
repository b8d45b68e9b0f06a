import { defined } from '../../domain/defined.ts';
import type { PromoteRequest } from '../../domain/request.ts';
import { resourceIdOf } from '../../domain/resource-id.ts';
import { readDefinition, readSourceVersion, readSubscription } from './places.ts';
import type { InputReader } from './reader.ts';
import { readVerifySettings } from './verify.ts';

/** What to promote, and how; `undefined` when a mistake was noted that leaves it open. */
export function readPromote(reader: InputReader): PromoteRequest | undefined {
  const isCopy = Boolean(reader.text('gallery') ?? reader.text('image-definition'));
  const source = readSourceVersion(reader, isCopy);
  const destination = isCopy ? readDestination(reader) : undefined;
  if (!source || (isCopy && !destination)) return undefined;
  const verifies = reader.value('verify') === 'boot';
  const { resourceGroup } = resourceIdOf(source.definition);
  const verify = verifies
    ? readVerifySettings(reader, { resourceGroup: reader.value('resource-group') ?? resourceGroup })
    : undefined;
  if (verifies && !verify) return undefined;
  // What is not given stays as it is, or as the source has it: most defaults do not count.
  return defined({
    operation: 'promote',
    source,
    destination,
    version: reader.given('image-version'),
    requestedVersion: (reader.text('image-version') ?? 'source').toLowerCase().replace(/^v/, ''),
    regions: reader.value('target-regions') ?? [],
    regionChanges: reader.value('region-changes'),
    allowRegionRemoval: reader.value('allow-region-removal'),
    allowNoLatest: reader.value('allow-no-latest'),
    tags: reader.value('tags') ?? {},
    waitFor: reader.value('wait-for'),
    repairRegions: reader.value('repair-regions'),
    replicas: reader.given('replica-count'),
    storageAccountType: reader.given('storage-account-type'),
    excludeFromLatest: reader.given('exclude-from-latest'),
    endOfLife: reader.given('end-of-life'),
    blockDeletionBeforeEndOfLife: reader.given('block-deletion-before-end-of-life'),
    verify,
    requireVerified: reader.value('require-verified') || undefined,
  });
}

function readDestination(reader: InputReader): string | undefined {
  const isId = reader.text('image-definition')?.startsWith('/') ?? false;
  return readDefinition(reader, {
    subscriptionId: readSubscription(reader, isId),
    resourceGroup: reader.value('resource-group'),
  });
}
