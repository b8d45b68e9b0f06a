import type { Patience, Request } from '../../domain/request.ts';
import type { SignIn } from '../../domain/sign-in.ts';
import { readCapture } from './capture.ts';
import { parseChoice, parseDuration, parseFlag, shorten } from './fields.ts';
import { InputReader, type InputSource } from './reader.ts';
import { readSignIn } from './sign-in.ts';
import { readWait } from './wait.ts';

/** Every input of action.yml, and the operations that use it. */
export const INPUTS: Readonly<Record<string, readonly Request['operation'][]>> = {
  operation: ['capture', 'wait'],
  'dry-run': ['capture', 'wait'],
  'tenant-id': ['capture', 'wait'],
  'client-id': ['capture', 'wait'],
  'subscription-id': ['capture', 'wait'],
  'auth-type': ['capture', 'wait'],
  audience: ['capture', 'wait'],
  environment: ['capture', 'wait'],
  'resource-group': ['capture', 'wait'],
  vm: ['capture'],
  gallery: ['capture'],
  'gallery-resource-group': ['capture', 'wait'],
  'gallery-subscription-id': ['capture', 'wait'],
  'image-definition': ['capture'],
  'image-version': ['capture'],
  'source-image-version': ['wait'],
  'target-regions': ['capture'],
  'replica-count': ['capture'],
  'storage-account-type': ['capture'],
  'replication-mode': ['capture'],
  'exclude-from-latest': ['capture'],
  'end-of-life': ['capture'],
  'block-deletion-before-end-of-life': ['capture'],
  tags: ['capture'],
  snapshot: ['capture'],
  'snapshot-retention': ['capture'],
  deprovision: ['capture'],
  'deprovision-script': ['capture'],
  'deprovision-timeout-minutes': ['capture'],
  'capture-from': ['capture'],
  'after-capture': ['capture'],
  'wait-for': ['capture', 'wait'],
  'timeout-minutes': ['capture', 'wait'],
  'poll-interval': ['capture', 'wait'],
  'result-file': ['capture', 'wait'],
};

/** What the inputs ask for. */
export interface Assignment {
  readonly request: Request;
  readonly signIn: SignIn;
  readonly patience: Patience;
  /** Observe, check, plan and report, but change nothing. */
  readonly dryRun: boolean;
}

const MINUTE = 60;
const DAY_IN_MINUTES = 24 * 60;

/**
 * Reads all inputs.
 *
 * Throws one `Failure` of kind `input` that lists every mistake.
 */
export function readAssignment(source: InputSource): Assignment {
  const reader = new InputReader(source.get);
  const operation = reader.optional('operation', parseChoice('capture', 'wait')) ?? 'capture';
  refuseUnused(reader, operation, source.given);
  const signIn = readSignIn(reader, source);
  const request = operation === 'wait' ? readWait(reader, source) : readCapture(reader, source);
  const patience = readPatience(reader);
  const dryRun = reader.optional('dry-run', parseFlag) ?? false;
  reader.finish();
  if (!signIn || !request) throw new Error('Inputs are missing, and yet no mistake was noted');
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
        `\`${shorten(name)}\` is not an input of this version of the action. Remove it, or look for its name in the README.`,
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
