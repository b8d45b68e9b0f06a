import { defined } from '../../domain/defined.ts';
import type {
  Operation,
  Patience,
  PruneRequest,
  Request,
  RestoreRequest,
  WaitRequest,
} from '../../domain/request.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import { readCapture } from './capture.ts';
import { readDefinition, readSourceVersion, readSubscription, readVm } from './places.ts';
import { readPromote } from './promote.ts';
import { InputReader, type InputSource } from './reader.ts';
import { readSignIn } from './sign-in.ts';
import { readVerify } from './verify.ts';

/** What the inputs ask for. */
export interface Assignment {
  readonly request: Request;
  readonly signIn: SignIn;
  readonly patience: Patience;
  /** Observe, check, plan and report, but change nothing. */
  readonly dryRun: boolean;
}

/** How what is asked of each operation is read: `undefined` when a mistake leaves it open. */
const READ = {
  capture: readCapture,
  promote: readPromote,
  verify: readVerify,
  wait: readWait,
  prune: readPrune,
  restore: readRestore,
} as const;

function readWait(reader: InputReader): WaitRequest | undefined {
  const found = readSourceVersion(reader, false);
  return found && { operation: 'wait', ...found, waitFor: reader.value('wait-for') };
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

function readPrune(reader: InputReader): PruneRequest | undefined {
  const vm = reader.value('vm');
  const isById =
    typeof reader.value('image-definition') === 'object' &&
    (vm === undefined || typeof vm === 'object');
  const subscriptionId = readSubscription(reader, isById);
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

/**
 * Reads all inputs.
 *
 * Throws one `Failure` of kind `input` that lists every mistake.
 */
export function readAssignment(source: InputSource): Assignment {
  const reader = new InputReader(source);
  const { request, signIn, ...rest } = readAll(reader, source);
  reader.finish();
  if (!signIn || !request) throw new Error('Inputs are missing, and yet no mistake was noted');
  return { request, signIn, ...rest };
}

/**
 * Looks for mistakes where variables of the repository are withheld, as from pull requests of
 * forks: what is not given is none.
 *
 * Throws one `Failure` of kind `input` that lists every mistake.
 */
export function checkInputs(source: InputSource): void {
  const reader = new InputReader(source);
  readAll(reader, source);
  reader.finish(true);
}

function readAll(reader: InputReader, source: InputSource) {
  reader.checkAll();
  return {
    signIn: readSignIn(reader, source),
    request: READ[reader.value('operation')](reader),
    patience: defined({
      timeoutSeconds: reader.value('timeout-minutes'),
      pollSeconds: reader.value('poll-interval'),
    }),
    dryRun: reader.value('dry-run'),
  };
}

/** How the run reports, whatever comes of it. */
export interface Reporting {
  readonly operation: Operation;
  readonly dryRun: boolean;
  /** Keep a comment on the pull request up to date. */
  readonly comment: boolean;
  /** For GitHub's REST API; empty when there is none. */
  readonly token: string;
  /** Where all outputs go as JSON. */
  readonly resultFile?: string;
  /** The user's `poll-interval`, seconds. */
  readonly pollSeconds?: number;
}

/**
 * Read before everything else and without complaint, so that a mistake in any input is reported
 * the way that was asked for; `readAssignment` complains.
 */
export function readReporting(source: InputSource): Reporting {
  const reader = new InputReader(source);
  return defined({
    operation: reader.value('operation'),
    dryRun: reader.value('dry-run'),
    comment: reader.value('comment'),
    token: reader.value('github-token') ?? '',
    resultFile: reader.value('result-file'),
    pollSeconds: reader.value('poll-interval'),
  });
}
