import type { Patience, Request, SignIn } from '../../domain/request.ts';
import { readCapture } from './capture.ts';
import { type Parsed, parseChoice, parseDuration, parseFlag, shorten } from './fields.ts';
import { readPromote } from './promote.ts';
import { InputReader, type InputSource } from './reader.ts';
import { readGuid } from './resources.ts';
import { readWait } from './wait.ts';

/** Every input of action.yml, and the operations that use it. */
export const INPUTS: Readonly<Record<string, readonly Request['operation'][]>> = {
  operation: ['capture', 'promote', 'wait'],
  'dry-run': ['capture', 'promote', 'wait'],
  'tenant-id': ['capture', 'promote', 'wait'],
  'client-id': ['capture', 'promote', 'wait'],
  'subscription-id': ['capture', 'promote', 'wait'],
  environment: ['capture', 'promote', 'wait'],
  'resource-group': ['capture', 'promote', 'wait'],
  vm: ['capture'],
  gallery: ['capture', 'promote'],
  'gallery-resource-group': ['capture', 'promote', 'wait'],
  'gallery-subscription-id': ['capture', 'promote', 'wait'],
  'image-definition': ['capture', 'promote'],
  'image-version': ['capture', 'promote'],
  'source-image-version': ['promote', 'wait'],
  'target-regions': ['capture', 'promote'],
  'region-changes': ['promote'],
  'allow-region-removal': ['promote'],
  'replica-count': ['capture', 'promote'],
  'storage-account-type': ['capture', 'promote'],
  'replication-mode': ['capture'],
  'exclude-from-latest': ['capture', 'promote'],
  'allow-no-latest': ['promote'],
  'end-of-life': ['capture', 'promote'],
  'block-deletion-before-end-of-life': ['capture', 'promote'],
  tags: ['capture', 'promote'],
  snapshot: ['capture'],
  'snapshot-retention': ['capture'],
  deprovision: ['capture'],
  'deprovision-script': ['capture'],
  'deprovision-timeout-minutes': ['capture'],
  'capture-from': ['capture'],
  'after-capture': ['capture'],
  'wait-for': ['capture', 'promote', 'wait'],
  'timeout-minutes': ['capture', 'promote', 'wait'],
  'poll-interval': ['capture', 'promote', 'wait'],
  'result-file': ['capture', 'promote', 'wait'],
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
  const operation =
    reader.optional('operation', parseChoice('capture', 'promote', 'wait')) ?? 'capture';
  refuseUnused(reader, operation, source.given);
  const signIn = readSignIn(reader, source.env);
  const request = READ[operation](reader, source);
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

function readSignIn(reader: InputReader, env: InputSource['env']): SignIn | undefined {
  const variable = (name: string) => ({ variable: name, value: env[name] });
  const tenantId = readGuid(reader, 'tenant-id', variable('AZURE_TENANT_ID'));
  const clientId = readGuid(reader, 'client-id', variable('AZURE_CLIENT_ID'));
  const environment = reader.optional('environment', parseEnvironment) ?? 'AzureCloud';
  return tenantId && clientId ? { tenantId, clientId, environment } : undefined;
}

function parseEnvironment(text: string): Parsed<'AzureCloud' | URL> {
  if (text.toLowerCase() === 'azurecloud') return { value: 'AzureCloud' };
  if (/^https:\/\//i.test(text) && URL.canParse(text)) return { value: new URL(text) };
  return {
    problem: 'which is neither AzureCloud nor the https URL of an Azure Resource Manager endpoint',
  };
}

function readPatience(reader: InputReader): Patience {
  const pollSeconds = reader.optional('poll-interval', parseDuration(1, 3600));
  const timeout = reader.optional('timeout-minutes', parseDuration(MINUTE, 7 * DAY_IN_MINUTES));
  return {
    timeoutSeconds: timeout ?? 330 * MINUTE,
    ...(pollSeconds !== undefined && { pollSeconds }),
  };
}
