/**
 * Scenarios: run/ and azure/ against the local Azure in-process. The real SDK, no socket, and all
 * of it (SDK, steps, emulator) on one fake clock that jumps to whatever is due next.
 */
import type { HttpClient } from '@azure/core-rest-pipeline';
import FakeTimers from '@sinonjs/fake-timers';
import {
  createLocalAzure,
  type LocalAzure,
  type LocalAzureOptions,
} from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { connect } from '../../src/azure/connect.ts';
import { asFailure, type Failure } from '../../src/domain/failure.ts';
import type {
  CaptureRequest,
  PromoteRequest,
  PruneRequest,
  RestoreRequest,
  WaitRequest,
} from '../../src/domain/request.ts';
import type { SignIn } from '../../src/domain/sign-in.ts';
import type { VerifySettings } from '../../src/domain/verification.ts';
import type { RunRecord } from '../../src/github/record.ts';
import type { Origin } from '../../src/plan/origin.ts';
import { converge } from '../../src/run/converge.ts';
import { captureOperation } from '../../src/run/operations/capture.ts';
import { promoteOperation } from '../../src/run/operations/promote.ts';
import { pruneOperation } from '../../src/run/operations/prune.ts';
import { restoreOperation } from '../../src/run/operations/restore.ts';
import { verifyOperation } from '../../src/run/operations/verify.ts';
import { waitOperation } from '../../src/run/operations/wait.ts';
import type { Compute } from '../../src/run/ports.ts';
import { aborted } from '../../src/run/wait.ts';
import { rememberedGuests } from '../crash/remembered-guest.ts';
import { weatherInForce } from '../runner/weather.ts';
import { promoteRequest as plainPromotion } from '../unit/plan/promote-judging.ts';
import { request as plainRequest } from '../unit/worlds.ts';
import { type Heard, Listener, runnerThatTells, type Told } from './listener.ts';

let installed: Disposable | undefined;

/** Puts everything on a clock that jumps to what is due next; removes one that a test has left. */
export function fakeClock(start = '2026-11-22T09:00:00Z'): Disposable {
  installed?.[Symbol.dispose]();
  const clock = FakeTimers.install({
    now: new Date(start),
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
  clock.setTickMode({ mode: 'nextAsync' });
  const own = {
    [Symbol.dispose]: () => {
      if (installed !== own) return;
      installed = undefined;
      for (const azure of opened.splice(0)) azure[Symbol.dispose]();
      clock.uninstall();
    },
  };
  installed = own;
  return own;
}

/** What the scenario opened; closed with its clock, so that no guest's folder is left behind. */
const opened: LocalAzure[] = [];

export interface Run {
  readonly heard: Heard;
  readonly told: Told;
  /** What the reports are drawn from. */
  readonly record: RunRecord;
  readonly failure: Failure | undefined;
  readonly wrote: boolean;
  /** Emulated seconds from start to end. */
  readonly seconds: number;
}

export interface RunOptions {
  readonly request?: Partial<CaptureRequest>;
  readonly runId?: string;
  /** Of the run; two of one run can be at work at once. */
  readonly job?: string;
  readonly signal?: AbortSignal;
  readonly pollSeconds?: number;
  readonly dryRun?: boolean;
  /** Lays something around the capture, such as no checks at all. */
  readonly around?: (operation: CaptureOperation) => CaptureOperation;
  /** The same for a promotion. */
  readonly aroundPromotion?: (operation: PromoteOperation) => PromoteOperation;
  /** The network, when it is to misbehave. */
  readonly httpClient?: HttpClient;
}

const signIn = ({ tenantId, clientId, endpoint }: LocalAzure): SignIn => ({
  environment: new URL(endpoint),
  identity: { authType: 'oidc', tenantId, clientId },
  because: 'the scenario says so',
});

/**
 * A fresh local Azure for a scenario, under the weather that tests run under. Its Linux guests run for
 * real, once for each history.
 */
export const localAzure = (options: LocalAzureOptions = {}): LocalAzure =>
  createLocalAzure({ guests: rememberedGuests, weather: weatherInForce(), ...options });

const group = (azure: LocalAzure) =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute`;

export const buildVm = (azure: LocalAzure): string => `${group(azure)}/virtualMachines/build-linux`;

export const definitionId = (azure: LocalAzure, name = 'ubuntu-2404'): string =>
  `${group(azure)}/galleries/golden/images/${name}`;

/** What turns the plainest capture into one of the default world's Windows VM. */
export const ofWindows = (azure: LocalAzure) => ({
  vm: `${group(azure)}/virtualMachines/build-windows`,
  definition: definitionId(azure, 'windows-2022'),
});

/** What turns the plainest capture into one after which the VM comes back. */
export const RETURNS = { snapshot: true, captureFrom: 'disks', afterCapture: 'restore' } as const;

/** The plainest capture of the default world. */
export const defaultRequest = (azure: LocalAzure): CaptureRequest =>
  plainRequest({ vm: buildVm(azure), definition: definitionId(azure) });

export type CaptureOperation = ReturnType<typeof captureOperation>;
export type PromoteOperation = ReturnType<typeof promoteOperation>;

/** One attempt of a capture. */
export function capture(azure: LocalAzure, options: RunOptions = {}): Promise<Run> {
  const { request, around = (same) => same } = options;
  const operation = captureOperation({ ...defaultRequest(azure), ...request }, origin(options));
  return attempt(azure, 'capture', options, (common) =>
    converge({ ...common, operation: around(operation) }),
  );
}

/** The plainest promotion: of version 1.0.0 of the default definition, where it is. */
export const promoteRequest = (azure: LocalAzure, asked: Partial<PromoteRequest>): PromoteRequest =>
  plainPromotion({ source: { definition: definitionId(azure), version: '1.0.0' }, ...asked });

/** One attempt of a promotion. */
export function promote(
  azure: LocalAzure,
  asked: Partial<PromoteRequest>,
  options: RunOptions = {},
): Promise<Run> {
  const { aroundPromotion = (same) => same } = options;
  const operation = promoteOperation(promoteRequest(azure, asked), origin(options));
  return attempt(azure, 'promote', options, (common) =>
    converge({ ...common, operation: aroundPromotion(operation) }),
  );
}

/** The plainest prune of the default definition: what is older than 90 days, but for the newest. */
export const pruneRequest = (azure: LocalAzure, asked: Partial<PruneRequest>): PruneRequest => ({
  operation: 'prune',
  definition: definitionId(azure),
  keepVersions: 1,
  olderThan: { amount: 90, unit: 'd' },
  usageSubscriptions: [azure.subscriptionId],
  maxDeletions: 50,
  keepTags: [],
  ...asked,
});

/** One attempt of a prune. */
export const prune = (
  azure: LocalAzure,
  asked: Partial<PruneRequest> = {},
  options: RunOptions = {},
): Promise<Run> =>
  attempt(azure, 'prune', options, (common) =>
    converge({
      ...common,
      operation: pruneOperation(pruneRequest(azure, asked), origin(options)),
    }),
  );

/** One attempt of waiting for a version of the default definition. */
export const awaitIt = (
  azure: LocalAzure,
  version: string,
  { waitFor = 'replicated', ...options }: RunOptions & Partial<Pick<WaitRequest, 'waitFor'>> = {},
): Promise<Run> =>
  attempt(azure, 'wait', options, (common) =>
    converge({
      ...common,
      operation: waitOperation({
        operation: 'wait',
        definition: definitionId(azure),
        version,
        waitFor,
      }),
    }),
  );

/** The subnet of the default world. */
export const subnetId = (azure: LocalAzure): string =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build/subnets/default`;

/** The plainest way to verify in the default world. */
export const verifySettings = (
  azure: LocalAzure,
  change: Partial<VerifySettings> = {},
): VerifySettings => ({
  subnet: subnetId(azure),
  group: `/subscriptions/${azure.subscriptionId}/resourceGroups/images`,
  timeoutSeconds: 1200,
  onFailure: 'keep',
  ...change,
});

/** One attempt of verifying version 1.0.0 of the default definition. */
export const verifyIt = (
  azure: LocalAzure,
  change: Partial<VerifySettings> = {},
  options: RunOptions & { readonly version?: string } = {},
): Promise<Run> =>
  attempt(azure, 'verify', options, (common) =>
    converge({
      ...common,
      operation: verifyOperation(
        {
          operation: 'verify',
          definition: definitionId(azure),
          version: options.version ?? '1.0.0',
          verify: verifySettings(azure, change),
        },
        origin(options),
      ),
    }),
  );

/** One attempt of a restore of the default Linux VM. */
export const restore = (
  azure: LocalAzure,
  asked: Partial<RestoreRequest> = {},
  options: RunOptions = {},
): Promise<Run> => {
  const request: RestoreRequest = {
    operation: 'restore',
    vm: buildVm(azure),
    snapshotIds: [],
    oldDisks: 'keep',
    recreate: false,
    ...asked,
  };
  return attempt(azure, 'restore', options, (common) =>
    converge({ ...common, operation: restoreOperation(request, origin(options)) }),
  );
};

const origin = ({ runId, job }: RunOptions): Origin => ({
  repository: 'contoso/images',
  runId: runId ?? '1',
  provenance: {
    'golden-image-repository': 'contoso/images',
    ...(runId && { 'golden-image-run': runId }),
    ...(job && { 'golden-image-job': job }),
  },
});

type Common = Omit<Parameters<typeof converge>[0], 'operation'>;

async function attempt(
  azure: LocalAzure,
  operation: RunRecord['operation'],
  { signal = new AbortController().signal, pollSeconds, httpClient, dryRun = false }: RunOptions,
  act: (common: Common) => Promise<unknown>,
): Promise<Run> {
  const manner = { signal, pollSeconds, mask: () => undefined };
  const told: Told = { log: [], outputs: new Map() };
  const asked = { operation, dryRun, portal: 'https://portal.azure.com' };
  const listener = new Listener(asked, runnerThatTells(told));
  const began = Date.now();
  let compute: Compute | undefined;
  let failure: Failure | undefined;
  let work: Promise<unknown> = Promise.resolve();
  try {
    compute = await connect({
      ...manner,
      signIn: signIn(azure),
      getIdToken: async (audience) => azure.idToken(audience),
      say: (line) => listener.info(line),
      httpClient: httpClient ?? inProcessHttpClient(azure),
    });
    work = act({ ...manner, compute, report: listener, dryRun });
    await Promise.race([aborted(signal), work]);
  } catch (thrown) {
    failure = asFailure(signal.aborted ? signal.reason : thrown);
  }
  const seconds = (Date.now() - began) / 1000;
  const wrote = compute?.wrote ?? false;
  const record = listener.ended(seconds, wrote, failure);
  await work.catch(() => undefined);
  return { heard: listener.heard, told, record, failure, wrote, seconds };
}
