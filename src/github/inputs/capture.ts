import { defined } from '../../domain/defined.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import { resourceIdOf } from '../../domain/resource-id.ts';
import { readDefinition, readSubscription, readVm } from './places.ts';
import type { InputReader } from './reader.ts';
import { readVerifySettings } from './verify.ts';

/** What a capture is to do; `undefined` when a mistake was noted that leaves it open. */
export function readCapture(reader: InputReader): CaptureRequest | undefined {
  const given = reader.value('vm');
  const vmId = typeof given === 'object' ? given : undefined;
  const resourceGroup = reader.value('resource-group');
  const subscriptionId = readSubscription(reader, vmId !== undefined);
  const vm = readVm(reader, subscriptionId);
  const definition = readDefinition(reader, {
    subscriptionId: subscriptionId ?? vmId?.subscriptionId,
    resourceGroup: resourceGroup ?? vmId?.resourceGroup,
  });
  const verifies = reader.value('verify') === 'boot';
  const place = vm ? resourceIdOf(vm) : { subscriptionId, resourceGroup };
  const verify = verifies ? readVerifySettings(reader, place) : undefined;
  if (!vm || !definition || (verifies && !verify)) return undefined;
  return defined({
    operation: 'capture',
    vm,
    definition,
    verify,
    ephemeral: reader.value('ephemeral') || undefined,
    version: reader.value('image-version'),
    requestedVersion: (reader.text('image-version') ?? 'auto').toLowerCase().replace(/^v/, ''),
    regions: reader.value('target-regions') ?? [],
    replicas: reader.value('replica-count'),
    excludeFromLatest: reader.value('exclude-from-latest'),
    replicationMode: reader.value('replication-mode'),
    captureFrom: reader.value('capture-from'),
    tags: reader.value('tags') ?? {},
    storageAccountType: reader.value('storage-account-type'),
    endOfLife: reader.value('end-of-life'),
    snapshot: reader.value('snapshot'),
    deprovision: reader.value('deprovision'),
    deprovisionTimeoutSeconds: reader.value('deprovision-timeout-minutes'),
    waitFor: reader.value('wait-for'),
    blockDeletionBeforeEndOfLife: reader.value('block-deletion-before-end-of-life'),
    repairRegions: reader.value('repair-regions'),
    afterCapture: reader.value('after-capture'),
    oldDisks: reader.value('old-disks') === 'delete' ? 'delete' : undefined,
    deprovisionScript: reader.value('deprovision-script'),
    snapshotRetention: reader.value('snapshot-retention'),
  });
}
