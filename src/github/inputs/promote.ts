import type { PromoteRequest } from '../../domain/request.ts';
import { resourceIdOf } from '../../domain/resource-id.ts';
import { readDefinition, readSubscription } from './places.ts';
import type { InputReader } from './reader.ts';
import { readSourceVersion } from './source-version.ts';
import { readVerifySettings } from './verify.ts';

/** What to promote, and how; `undefined` when a mistake was noted that leaves it open. */
export function readPromote(reader: InputReader): PromoteRequest | undefined {
  const isCopy = Boolean(reader.text('gallery') ?? reader.text('image-definition'));
  const source = readSourceVersion(reader, isCopy);
  const destination = isCopy ? readDestination(reader) : undefined;
  if (!source || (isCopy && !destination)) return undefined;
  const version = reader.given('image-version');
  const verifies = reader.value('verify') === 'boot';
  const { resourceGroup } = resourceIdOf(source.definition);
  const verify = verifies
    ? readVerifySettings(reader, { resourceGroup: reader.value('resource-group') ?? resourceGroup })
    : undefined;
  if (verifies && !verify) return undefined;
  return {
    operation: 'promote',
    source,
    ...(destination && { destination }),
    ...(version && { version }),
    requestedVersion: (reader.text('image-version') ?? 'source').toLowerCase().replace(/^v/, ''),
    ...readChanges(reader),
    ...(verify && { verify }),
    ...(reader.value('require-verified') && { requireVerified: true as const }),
  };
}

function readDestination(reader: InputReader): string | undefined {
  const isId = reader.text('image-definition')?.startsWith('/') ?? false;
  return readDefinition(reader, {
    subscriptionId: readSubscription(reader, isId),
    resourceGroup: reader.value('gallery-resource-group') ?? reader.value('resource-group'),
  });
}

/** What is not given stays as it is, or as the source has it: most defaults do not count. */
function readChanges(reader: InputReader) {
  const replicas = reader.given('replica-count');
  const storageAccountType = reader.given('storage-account-type');
  const excludeFromLatest = reader.given('exclude-from-latest');
  const endOfLife = reader.given('end-of-life');
  const block = reader.given('block-deletion-before-end-of-life');
  return {
    regions: reader.value('target-regions') ?? [],
    regionChanges: reader.value('region-changes'),
    allowRegionRemoval: reader.value('allow-region-removal'),
    allowNoLatest: reader.value('allow-no-latest'),
    tags: reader.value('tags') ?? {},
    waitFor: reader.value('wait-for'),
    repairRegions: reader.value('repair-regions'),
    ...(replicas !== undefined && { replicas }),
    ...(storageAccountType && { storageAccountType }),
    ...(excludeFromLatest !== undefined && { excludeFromLatest }),
    ...(endOfLife && { endOfLife }),
    ...(block !== undefined && { blockDeletionBeforeEndOfLife: block }),
  };
}
