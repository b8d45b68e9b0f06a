import { Failure } from '../../domain/failure.ts';
import { defined } from '../../domain/plain-objects.ts';
import type {
  CaptureRequest,
  Operation,
  PromoteRequest,
  PruneRequest,
  Request,
  RestoreRequest,
  VerifyRequest,
  WaitRequest,
} from '../../domain/request.ts';
import { formatResourceId, resourceIdOf } from '../../domain/resource-id.ts';
import type { VerifySettings } from '../../domain/verification.ts';
import { readDefinition, readSourceVersion, readVm, type Scope } from './places.ts';
import { InputReader, type InputSource, type Mistake } from './reader.ts';
import { readSignIn } from './sign-in.ts';

/** What the inputs say. A setting that is wrong has its default, so that every run can report. */
export type Inputs = ReturnType<typeof readInputs>;

/** All inputs as one value. What is wrong is listed in `mistakes`; what it leaves open is `undefined`. */
export function readInputs(source: InputSource) {
  const reader = new InputReader(source);
  reader.checkAll();
  const operation = reader.value('operation');
  return {
    operation,
    /** As whom, and what is to be done; `undefined` when a mistake leaves it open. */
    signIn: readSignIn(reader, source),
    request: READ_REQUEST[operation](reader),
    dryRun: reader.value('dry-run'),
    environment: reader.value('environment'),
    timeoutSeconds: reader.value('timeout-minutes'),
    pollSeconds: reader.value('poll-interval'),
    resultFile: reader.value('result-file'),
    comment: reader.value('comment'),
    token: reader.value('github-token') ?? '',
    mistakes: reader.mistakes,
  };
}

/** What is to be done, and as whom. Throws one `Failure` that lists every mistake. */
export function assignmentOf({ mistakes, signIn, request }: Inputs) {
  refuse(mistakes);
  if (!signIn || !request) throw new Error('Inputs are missing, and yet no mistake was noted');
  return { signIn, request };
}

/** Throws one `Failure` of kind `input` that lists these mistakes, if there is any. */
export function refuse(mistakes: readonly Mistake[]): void {
  const [first] = mistakes;
  if (!first) return;
  throw new Failure({
    kind: 'input',
    what:
      mistakes.length === 1
        ? first.sentence
        : `${mistakes.length} inputs need attention:\n${mistakes.map(({ sentence }) => `- ${sentence}`).join('\n')}`,
    remedy:
      'Correct what is named here, then run again; `docs/inputs.md` describes every input. Nothing was changed in Azure.',
  });
}

/** How what is asked is read: `undefined` when a mistake was noted that leaves it open. */
const READ_REQUEST: Readonly<Record<Operation, (reader: InputReader) => Request | undefined>> = {
  capture: readCapture,
  promote: readPromote,
  verify: readVerify,
  wait: readWait,
  prune: readPrune,
  restore: readRestore,
};

/** The subscription in which names are looked up; not needed when what is named is given by ID. */
const readSubscription = (reader: InputReader, byId: boolean) =>
  byId ? reader.value('subscription-id') : reader.required('subscription-id');

function readCapture(reader: InputReader): CaptureRequest | undefined {
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

function readPromote(reader: InputReader): PromoteRequest | undefined {
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
  const subscriptionId = readSubscription(reader, isId);
  return readDefinition(reader, { subscriptionId, resourceGroup: reader.value('resource-group') });
}

function readVerify(reader: InputReader): VerifyRequest | undefined {
  const found = readSourceVersion(reader, false);
  const resourceGroup =
    reader.value('resource-group') ?? (found && resourceIdOf(found.definition).resourceGroup);
  const verify = readVerifySettings(reader, { resourceGroup });
  return found && verify && { operation: 'verify', ...found, verify };
}

/**
 * How to verify; `undefined` when a mistake was noted that leaves it open.
 *
 * @param place of the VM that is captured; without a subscription the subnet's counts
 */
function readVerifySettings(reader: InputReader, place: Scope): VerifySettings | undefined {
  const subnet = reader.required('verify-subnet');
  if (!subnet) return undefined;
  const { subscriptionId = subnet.subscriptionId } = place;
  if (subscriptionId.toLowerCase() !== subnet.subscriptionId.toLowerCase())
    reader.mistake(
      `\`verify-subnet\` is in the subscription ${subnet.subscriptionId}, but the throw-away VM is made in ${subscriptionId}. Azure connects a VM only to a subnet of its own subscription. Give one there.`,
    );
  const group = reader.value('verify-resource-group') ?? place.resourceGroup;
  if (!group) return undefined;
  return defined({
    subnet: formatResourceId(subnet),
    group: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
    timeoutSeconds: reader.value('verify-timeout-minutes'),
    onFailure: reader.value('verify-on-failure'),
    script: reader.value('verify-script'),
    size: reader.value('verify-vm-size'),
  });
}

function readWait(reader: InputReader): WaitRequest | undefined {
  const found = readSourceVersion(reader, false);
  return found && { operation: 'wait', ...found, waitFor: reader.value('wait-for') };
}

function readPrune(reader: InputReader): PruneRequest | undefined {
  const areIds =
    typeof reader.value('image-definition') === 'object' && typeof reader.value('vm') !== 'string';
  const subscriptionId = readSubscription(reader, areIds);
  const resourceGroup = reader.value('resource-group');
  const definition = readDefinition(reader, { subscriptionId, resourceGroup });
  const snapshotsOf = reader.text('vm') === undefined ? undefined : readVm(reader, subscriptionId);
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

function readRestore(reader: InputReader): RestoreRequest | undefined {
  const subscriptionId = readSubscription(reader, typeof reader.value('vm') === 'object');
  const vm = readVm(reader, subscriptionId);
  if (!vm) return undefined;
  return {
    operation: 'restore',
    vm,
    snapshotIds: reader.value('snapshot-ids') ?? [],
    oldDisks: reader.value('old-disks'),
    recreate: reader.value('recreate'),
  };
}
