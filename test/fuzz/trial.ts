/** One trial: the shipped bundle against a local Azure, attempt by attempt, and what there is to see. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { matcherOf } from '../../local-azure/src/faults.ts';
import type { RecordedRequest } from '../../local-azure/src/requests.ts';
import { type ServedAzure, serveLocalAzure } from '../../local-azure/src/serve.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import { leaksIn } from '../runner/leaks.ts';
import { type ActionRun, runAction } from '../runner/run-action.ts';
import type { Attempt, FuzzCase, Kill } from './case.ts';
import { openElsewhere } from './elsewhere.ts';
import { isDeprovisioned, watchGeneralize } from './proof.ts';
import { ELSEWHERE, lastingWeather } from './weathers.ts';

/** Emulated seconds in a real one. */
const SPEED = 600;
/** How much longer than `timeout-minutes` an attempt may take on a busy machine. */
const GRACE_MS = 120_000;
const HOOK = pathToFileURL(join(import.meta.dirname, 'peak-memory.mjs')).href;

/** What was seen of one attempt. */
export interface Seen {
  readonly run: ActionRun;
  /** Whether a signal was sent to it. */
  readonly signalled: boolean;
  readonly requests: readonly RecordedRequest[];
  /** The world when it had ended. */
  readonly world: readonly Resource[];
  readonly leaks: readonly string[];
  /** Most memory of main or post, in MB; undefined when it was killed. */
  readonly megabytes: number | undefined;
}

/** What was seen of a trial; the last attempt is the one without trouble. */
export interface Course {
  readonly before: readonly Resource[];
  readonly attempts: readonly Seen[];
  /** The world hours later. */
  readonly after: readonly Resource[];
  readonly unproven: readonly string[];
  readonly told: readonly string[];
  /** Whether the guest of the build VM is deprovisioned hours later. */
  readonly deprovisioned: boolean;
}

export async function courseOf(trial: FuzzCase): Promise<Course> {
  await using served = await serveLocalAzure({ world: trial.world, speed: SPEED });
  await using elsewhere = await openElsewhere(served.ca);
  const { azure } = served;
  const weather = JSON.stringify(trial.weather).replaceAll(ELSEWHERE, elsewhere.origin);
  const unproven = watchGeneralize(azure);
  const env = { NODE_EXTRA_CA_CERTS: elsewhere.caFile };
  if (trial.first) {
    const { inputs, kill } = trial.first;
    await attemptOf(served, { ...trial, inputs }, { faults: [], kill }, env);
    azure.clock.advance(3600);
    azure.settle();
  }
  const before = azure.world.snapshot();
  const attempts: Seen[] = [];
  azure.weather.set(JSON.parse(weather));
  for (const attempt of trial.attempts) {
    attempts.push(await attemptOf(served, trial, attempt, env));
    azure.clock.advance(30);
  }
  azure.weather.set(lastingWeather(trial.weather));
  azure.clock.advance(600);
  attempts.push(await attemptOf(served, trial, { faults: [] }, env));
  azure.clock.advance(3 * 3600);
  azure.settle();
  const after = azure.world.snapshot();
  const vm = after.find(({ id }) => id.endsWith(`/virtualMachines/${trial.inputs.vm}`));
  const deprovisioned = vm !== undefined && isDeprovisioned(azure, vm.id);
  return { before, attempts, after, unproven, told: elsewhere.told, deprovisioned };
}

async function attemptOf(
  served: ServedAzure,
  { inputs }: FuzzCase,
  { faults, kill }: Attempt,
  env: Readonly<Record<string, string>>,
): Promise<Seen> {
  const { azure } = served;
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const usage = join(folder, 'usage');
  try {
    azure.requests.clear();
    azure.faults.clear();
    for (const fault of faults) azure.faults.add(fault);
    if (kill?.when === 'before')
      azure.faults.add({ match: kill, times: 1000, fate: { hang: true } });
    const limit = Number(inputs['timeout-minutes'] ?? 1) * 60_000 + GRACE_MS;
    let ended = false;
    const run = await runAction({
      inputs: { ...signIn(served), ...inputs },
      env: {
        ...served.env,
        ...env,
        NODE_OPTIONS: `--import ${HOOK}`,
        PEAK_MEMORY_FILE: usage,
      },
      limitMs: limit,
      ...(inputs.comment === 'true' && { event: PULL_REQUEST }),
      ...(kill && {
        signalAt: { seen: () => requestSeen(served, kill, () => ended), signal: kill.signal },
      }),
    });
    ended = true;
    azure.settle();
    const secrets = [served.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN, served.env.GITHUB_TOKEN];
    const issued = await issuedBy(served);
    const peaks = existsSync(usage) ? readFileSync(usage, 'utf8').split('\n').map(Number) : [];
    return {
      run,
      signalled: run.millisecondsAfterSignal !== undefined,
      requests: structuredClone(azure.requests.all()),
      world: azure.world.snapshot(),
      leaks: leaksIn(run, [...issued, ...secrets.filter((each) => each !== undefined)]),
      megabytes: peaks.length === 0 ? undefined : Math.max(...peaks) / 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PULL_REQUEST = {
  name: 'pull_request',
  payload: {
    number: 7,
    pull_request: { number: 7, head: { repo: { full_name: 'contoso/images' } } },
    repository: { full_name: 'contoso/images' },
  },
} as const;

const signIn = ({ endpoint, azure }: ServedAzure) => ({
  'tenant-id': azure.tenantId,
  'client-id': azure.clientId,
  'subscription-id': azure.subscriptionId,
  environment: endpoint,
});

async function issuedBy({ azure, endpoint }: ServedAzure): Promise<string[]> {
  const answer = await azure.fetch(new Request(`${endpoint}/_local/secrets`));
  return (await answer.json()) as string[];
}

/** Resolves when Azure has this request, or has acted on it; never when the attempt ends before. */
async function requestSeen(
  { azure }: ServedAzure,
  kill: Kill,
  isOver: () => boolean,
): Promise<void> {
  const fits = matcherOf(kill);
  while (!isOver()) {
    const found = azure.requests
      .all()
      .find(({ method, path, status }) => fits(method, path) && (kill.when === 'before' || status));
    if (found) return;
    await new Promise((done) => setTimeout(done, 5));
  }
  await new Promise(() => undefined);
}
