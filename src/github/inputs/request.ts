import { suggestion } from '../../domain/closest.ts';
import type { Patience, Request } from '../../domain/request.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import { readCapture } from './capture.ts';
import { parseChoice, parseDuration, parseFlag, shorten } from './fields.ts';
import { readPromote } from './promote.ts';
import { InputReader, type InputSource } from './reader.ts';
import { readSignIn } from './sign-in.ts';
import { readWait } from './wait.ts';

type Operation = Request['operation'];
/** The operations there are. */
export const EVERY: readonly Operation[] = ['capture', 'promote', 'wait'];
const IMAGE: readonly Operation[] = ['capture', 'promote'];

/** Every input of action.yml, and the operations that use it. */
export const INPUTS: Readonly<Record<string, readonly Operation[]>> = {
  operation: EVERY,
  'dry-run': EVERY,
  'tenant-id': EVERY,
  'client-id': EVERY,
  'subscription-id': EVERY,
  'auth-type': EVERY,
  audience: EVERY,
  environment: EVERY,
  'resource-group': EVERY,
  vm: ['capture'],
  gallery: IMAGE,
  'gallery-resource-group': EVERY,
  'gallery-subscription-id': EVERY,
  'image-definition': IMAGE,
  'image-version': IMAGE,
  'source-image-version': ['promote', 'wait'],
  'target-regions': IMAGE,
  'region-changes': ['promote'],
  'allow-region-removal': ['promote'],
  'repair-regions': IMAGE,
  'replica-count': IMAGE,
  'storage-account-type': IMAGE,
  'replication-mode': ['capture'],
  'exclude-from-latest': IMAGE,
  'allow-no-latest': ['promote'],
  'end-of-life': IMAGE,
  'block-deletion-before-end-of-life': IMAGE,
  tags: IMAGE,
  snapshot: ['capture'],
  'snapshot-retention': ['capture'],
  deprovision: ['capture'],
  'deprovision-script': ['capture'],
  'deprovision-timeout-minutes': ['capture'],
  'capture-from': ['capture'],
  'after-capture': ['capture'],
  'wait-for': EVERY,
  'timeout-minutes': EVERY,
  'poll-interval': EVERY,
  'result-file': EVERY,
  'github-token': EVERY,
  comment: EVERY,
};

/** What the inputs ask for. */
export interface Assignment {
  readonly request: Request;
  readonly signIn: SignIn;
  readonly patience: Patience;
  /** Observe, check, plan and report, but change nothing. */
  readonly dryRun: boolean;
}

/** How what is asked of each operation is read. */
const READ = { capture: readCapture, promote: readPromote, wait: readWait } as const;

const MINUTE = 60;
const DAY_IN_MINUTES = 24 * 60;

/**
 * Reads all inputs.
 *
 * Throws one `Failure` of kind `input` that lists every mistake.
 */
export function readAssignment(source: InputSource): Assignment {
  const reader = new InputReader(source.get);
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
  const reader = new InputReader(source.get);
  readAll(reader, source);
  reader.finish(true);
}

function readAll(reader: InputReader, source: InputSource) {
  const operation = reader.optional('operation', parseChoice(...EVERY)) ?? 'capture';
  refuseUnused(reader, operation, source.given);
  const signIn = readSignIn(reader, source);
  const request = READ[operation](reader, source);
  const patience = readPatience(reader);
  const dryRun = reader.optional('dry-run', parseFlag) ?? false;
  reader.optional('comment', parseFlag);
  return { request, signIn, patience, dryRun };
}

/**
 * GitHub only warns of an input that action.yml does not declare, and runs. An input that promises
 * safety and is not there yet must not be ignored.
 */
function refuseUnused(
  reader: InputReader,
  operation: Request['operation'],
  given: readonly string[],
): void {
  for (const name of given) {
    if (reader.text(name) === undefined) continue;
    const operations = Object.hasOwn(INPUTS, name) ? INPUTS[name] : undefined;
    if (!operations)
      reader.mistake(
        `\`${shorten(name)}\` is not an input of this version of the action.${suggestion(name, Object.keys(INPUTS)) || ' Remove it, or look for its name in the README.'}`,
      );
    else if (!operations.includes(operation))
      reader.mistake(`\`${name}\` has no meaning for the operation ${operation}. Remove it.`);
  }
}

function readPatience(reader: InputReader): Patience {
  const pollSeconds = reader.optional('poll-interval', parseDuration(1, 3600));
  const timeout = reader.optional('timeout-minutes', parseDuration(MINUTE, 7 * DAY_IN_MINUTES));
  return {
    timeoutSeconds: timeout ?? 330 * MINUTE,
    ...(pollSeconds !== undefined && { pollSeconds }),
  };
}
