import type { CaptureRequest, DeprovisionMode, WaitFor } from '../../domain/request.ts';
import { parseResourceId } from '../../domain/resource-id.ts';
import { DEPROVISION_SCRIPT_LIMIT_BYTES } from '../../run/guest/order.ts';
import {
  parseChoice,
  parseDuration,
  parseEndOfLife,
  parseFlag,
  parseReplicaCount,
  parseStorage,
  parseTags,
  parseVersionChoice,
  shorten,
} from './fields.ts';
import type { InputReader, InputSource } from './reader.ts';
import { parseRegions } from './regions.ts';
import { readRepair } from './repair.ts';
import { readDefinition, readGroup, readVm } from './resources.ts';
import { readSubscription } from './subscription.ts';

const MINUTE = 60;
const DAY_IN_MINUTES = 24 * 60;

/** What a capture is to do; `undefined` when a mistake was noted that leaves it open. */
export function readCapture(reader: InputReader, source: InputSource): CaptureRequest | undefined {
  const group = readGroup(reader, 'resource-group');
  const galleryGroup = readGroup(reader, 'gallery-resource-group');
  const vmText = reader.text('vm') ?? '';
  const vmId = parseResourceId(vmText);
  const subscriptionId = readSubscription(reader, source, vmId !== undefined);
  const vm = readVm(reader, { subscriptionId, resourceGroup: group });
  const definition = readDefinition(reader, {
    subscriptionId: subscriptionId ?? vmId?.subscriptionId,
    resourceGroup: galleryGroup ?? group ?? vmId?.resourceGroup,
  });
  const image = readImage(reader, source.now);
  const guest = readGuest(reader);
  const ending = readEnding(reader);
  if (!vm || !definition) return undefined;
  return { operation: 'capture', vm, definition, ...image, ...guest, ...ending };
}

function readImage(reader: InputReader, now: Date) {
  const version = reader.optional('image-version', parseVersionChoice);
  const storageAccountType = reader.optional('storage-account-type', parseStorage);
  const endOfLife = reader.optional('end-of-life', (text) => parseEndOfLife(text, now));
  return {
    version: version ?? { choose: 'next', part: 'patch' },
    requestedVersion: (reader.text('image-version') ?? 'auto').toLowerCase().replace(/^v/, ''),
    regions: reader.optional('target-regions', parseRegions, reader.block('target-regions')) ?? [],
    replicas: reader.optional('replica-count', parseReplicaCount) ?? 1,
    excludeFromLatest: reader.optional('exclude-from-latest', parseFlag) ?? false,
    replicationMode: reader.optional('replication-mode', parseChoice('Full', 'Shallow')) ?? 'Full',
    captureFrom: reader.optional('capture-from', parseChoice('auto', 'vm', 'disks')) ?? 'auto',
    tags: reader.optional('tags', parseTags) ?? {},
    ...(storageAccountType && { storageAccountType }),
    ...(endOfLife && { endOfLife }),
  } as const;
}

function readGuest(reader: InputReader) {
  const modes = parseChoice<DeprovisionMode>('auto', 'always', 'never');
  const deprovision = reader.optional('deprovision', modes) ?? 'auto';
  const deprovisionScript = reader.text('deprovision-script');
  if (deprovision === 'never')
    for (const name of ['deprovision-script', 'deprovision-timeout-minutes'])
      if (reader.text(name))
        reader.mistake(
          `\`${name}\` is given, but with \`deprovision: never\` it is not used. Remove one of them.`,
        );
  if (deprovisionScript && Buffer.byteLength(deprovisionScript) > DEPROVISION_SCRIPT_LIMIT_BYTES)
    reader.mistake(
      `\`deprovision-script\` begins "${shorten(deprovisionScript)}" and has ${Buffer.byteLength(deprovisionScript)} bytes, more than the ${DEPROVISION_SCRIPT_LIMIT_BYTES} that fit into a Run Command. Put it into the image in the build, and call it here.`,
    );
  const minutes = parseDuration(MINUTE, DAY_IN_MINUTES);
  return {
    snapshot: reader.optional('snapshot', parseFlag) ?? false,
    deprovision,
    deprovisionTimeoutSeconds:
      reader.optional('deprovision-timeout-minutes', minutes) ?? 30 * MINUTE,
    ...(deprovisionScript && { deprovisionScript }),
  };
}

/** How the run ends: what it waits for, and what it does last. */
function readEnding(reader: InputReader) {
  const waits = parseChoice<WaitFor>('replicated', 'home', 'none');
  const waitFor = reader.optional('wait-for', waits) ?? 'replicated';
  const block = reader.optional('block-deletion-before-end-of-life', parseFlag) ?? false;
  if (block && !reader.text('end-of-life'))
    reader.mistake(
      '`block-deletion-before-end-of-life` is true, but there is no `end-of-life` to block it until. Give one.',
    );
  if (block && waitFor !== 'replicated')
    reader.mistake(
      `\`block-deletion-before-end-of-life\` is set last, once every region is complete; with \`wait-for: ${waitFor}\` nobody is there to do it.`,
    );
  const repairRegions = readRepair(reader, waitFor);
  const afterCapture = reader.optional('after-capture', parseChoice('keep', 'delete')) ?? 'keep';
  const shallow = /^shallow$/i.test(reader.text('replication-mode') ?? '');
  if (afterCapture === 'delete' && (waitFor !== 'replicated' || shallow))
    reader.mistake(
      '`after-capture` is "delete", which is safe only with `wait-for: replicated` and `replication-mode: Full`: until then the version needs the VM.',
    );
  const snapshotRetention = reader.optional('snapshot-retention', parseReplicaCount);
  const snapshot = reader.optional('snapshot', parseFlag) ?? false;
  if (snapshotRetention !== undefined && !snapshot && reader.isWell('snapshot'))
    reader.mistake('`snapshot-retention` is given, but without `snapshot: true` it is not used.');
  return {
    waitFor,
    blockDeletionBeforeEndOfLife: block,
    repairRegions,
    afterCapture,
    ...(snapshotRetention !== undefined && { snapshotRetention }),
  };
}
