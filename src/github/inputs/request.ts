import type {
  CaptureRequest,
  DeprovisionMode,
  Patience,
  SignIn,
  WaitFor,
} from '../../domain/request.ts';
import { parseResourceId } from '../../domain/resource-id.ts';
import { DEPROVISION_SCRIPT_LIMIT_BYTES } from '../../run/guest/linux.ts';
import {
  type Parsed,
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
import { type GetInput, InputReader } from './reader.ts';
import { parseRegions } from './regions.ts';
import { readDefinition, readGroup, readGuid, readVm } from './resources.ts';

/** Every input of action.yml, and the operations that use it. */
export const INPUTS: Readonly<Record<string, readonly CaptureRequest['operation'][]>> = {
  operation: ['capture'],
  'tenant-id': ['capture'],
  'client-id': ['capture'],
  'subscription-id': ['capture'],
  environment: ['capture'],
  'resource-group': ['capture'],
  vm: ['capture'],
  gallery: ['capture'],
  'gallery-resource-group': ['capture'],
  'gallery-subscription-id': ['capture'],
  'image-definition': ['capture'],
  'image-version': ['capture'],
  'target-regions': ['capture'],
  'replica-count': ['capture'],
  'storage-account-type': ['capture'],
  'replication-mode': ['capture'],
  'exclude-from-latest': ['capture'],
  'end-of-life': ['capture'],
  'block-deletion-before-end-of-life': ['capture'],
  tags: ['capture'],
  snapshot: ['capture'],
  deprovision: ['capture'],
  'deprovision-script': ['capture'],
  'deprovision-timeout-minutes': ['capture'],
  'capture-from': ['capture'],
  'wait-for': ['capture'],
  'timeout-minutes': ['capture'],
  'poll-interval': ['capture'],
  'result-file': ['capture'],
};

/** What the inputs ask for. */
export interface Assignment {
  readonly request: CaptureRequest;
  readonly signIn: SignIn;
  readonly patience: Patience;
}

export interface InputSource {
  readonly get: GetInput;
  /** Names of inputs that were given, declared in action.yml or not. */
  readonly given: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
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
  const operation = reader.optional('operation', parseChoice('capture')) ?? 'capture';
  refuseUnused(reader, operation, source.given);
  const signIn = readSignIn(reader, source.env);
  const request = readCapture(reader, source);
  const patience = readPatience(reader);
  reader.finish();
  if (!signIn || !request) throw new Error('Inputs are missing, and yet no mistake was noted');
  return { request, signIn, patience };
}

/**
 * GitHub only warns of an input that action.yml does not declare, and runs. An input that promises
 * safety and is not there yet must not be ignored.
 */
function refuseUnused(
  reader: InputReader,
  operation: CaptureRequest['operation'],
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

function readCapture(reader: InputReader, source: InputSource): CaptureRequest | undefined {
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

/** Needed where names are to be looked up; a VM given by ID brings its own. */
function readSubscription(
  reader: InputReader,
  { env }: InputSource,
  vmById: boolean,
): string | undefined {
  const gallery = reader.text('gallery-subscription-id');
  if (gallery) readGuid(reader, 'gallery-subscription-id', { variable: '', value: undefined });
  if (vmById && !reader.text('subscription-id') && !env.AZURE_SUBSCRIPTION_ID) return undefined;
  return readGuid(reader, 'subscription-id', {
    variable: 'AZURE_SUBSCRIPTION_ID',
    value: env.AZURE_SUBSCRIPTION_ID,
  });
}

function readImage(reader: InputReader, now: Date) {
  const version = reader.optional('image-version', parseVersionChoice);
  const storageAccountType = reader.optional('storage-account-type', parseStorage);
  const endOfLife = reader.optional('end-of-life', (text) => parseEndOfLife(text, now));
  return {
    version: version ?? { choose: 'next', part: 'patch' },
    requestedVersion: (reader.text('image-version') ?? 'auto').toLowerCase().replace(/^v/, ''),
    regions: reader.optional('target-regions', parseRegions) ?? [],
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
  return { waitFor, blockDeletionBeforeEndOfLife: block };
}

function readPatience(reader: InputReader): Patience {
  const pollSeconds = reader.optional('poll-interval', parseDuration(1, 3600));
  const timeout = reader.optional('timeout-minutes', parseDuration(MINUTE, 7 * DAY_IN_MINUTES));
  return {
    timeoutSeconds: timeout ?? 330 * MINUTE,
    ...(pollSeconds !== undefined && { pollSeconds }),
  };
}
