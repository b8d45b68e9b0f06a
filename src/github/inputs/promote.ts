import type { PromoteRequest, WaitFor } from '../../domain/request.ts';
import {
  parseChoice,
  parseEndOfLife,
  parseFlag,
  parseReplicaCount,
  parseStorage,
  parseTags,
  parseVersionChoice,
} from './fields.ts';
import type { InputReader, InputSource } from './reader.ts';
import { parseRegions } from './regions.ts';
import { readRepair } from './repair.ts';
import { readDefinition, readGroup } from './resources.ts';
import { readSourceVersion } from './source-version.ts';
import { readSubscription } from './subscription.ts';

/** What to promote, and how; `undefined` when a mistake was noted that leaves it open. */
export function readPromote(reader: InputReader, source: InputSource): PromoteRequest | undefined {
  const isCopy = ['gallery', 'image-definition'].some((name) => reader.text(name) !== undefined);
  const from = readSourceVersion(reader, source, isCopy);
  const destination = isCopy ? readDestination(reader, source) : undefined;
  const changes = readChanges(reader, source.now);
  const version = reader.optional('image-version', parseVersionChoice);
  if (version && !isCopy)
    reader.mistake(
      '`image-version` is the number of a copy; without `gallery` and `image-definition` the version is changed where it is, and keeps its number. Remove it, or say where to copy to.',
    );
  if (isCopy && reader.text('region-changes'))
    reader.mistake(
      '`region-changes` has no meaning for a copy, which has exactly the regions of `target-regions`, else those of its source. Remove it.',
    );
  if (!from || (isCopy && !destination)) return undefined;
  return {
    operation: 'promote',
    source: from,
    ...(destination && { destination }),
    ...(version && { version }),
    requestedVersion: (reader.text('image-version') ?? 'source').toLowerCase().replace(/^v/, ''),
    ...changes,
  };
}

function readDestination(reader: InputReader, source: InputSource): string | undefined {
  return readDefinition(reader, {
    subscriptionId: readSubscription(
      reader,
      source,
      /^\//.test(reader.text('image-definition') ?? ''),
    ),
    resourceGroup:
      readGroup(reader, 'gallery-resource-group') ?? readGroup(reader, 'resource-group'),
  });
}

function readChanges(reader: InputReader, now: Date) {
  const regions =
    reader.optional('target-regions', parseRegions, reader.block('target-regions')) ?? [];
  const replicas = reader.optional('replica-count', parseReplicaCount);
  const storageAccountType = reader.optional('storage-account-type', parseStorage);
  const excludeFromLatest = reader.optional('exclude-from-latest', parseFlag);
  const endOfLife = reader.optional('end-of-life', (text) => parseEndOfLife(text, now));
  const block = reader.optional('block-deletion-before-end-of-life', parseFlag);
  const regionChanges = reader.optional('region-changes', parseChoice('add', 'replace')) ?? 'add';
  if (reader.text('region-changes') && regions.length === 0 && !reader.text('target-regions'))
    reader.mistake('`region-changes` is given, but no `target-regions`. Give them, or remove it.');
  const allowRegionRemoval = reader.optional('allow-region-removal', parseFlag) ?? false;
  if (allowRegionRemoval && regionChanges === 'add' && reader.isWell('region-changes'))
    reader.mistake(
      '`allow-region-removal` is true, but only `region-changes: replace` takes regions away. Remove one of them.',
    );
  const waits = parseChoice<WaitFor>('replicated', 'home', 'none');
  const waitFor = reader.optional('wait-for', waits) ?? 'replicated';
  return {
    regions,
    regionChanges,
    allowRegionRemoval,
    allowNoLatest: reader.optional('allow-no-latest', parseFlag) ?? false,
    tags: reader.optional('tags', parseTags) ?? {},
    waitFor,
    repairRegions: readRepair(reader, waitFor),
    ...(replicas !== undefined && { replicas }),
    ...(storageAccountType && { storageAccountType }),
    ...(excludeFromLatest !== undefined && { excludeFromLatest }),
    ...(endOfLife && { endOfLife }),
    ...(block !== undefined && { blockDeletionBeforeEndOfLife: block }),
  };
}
