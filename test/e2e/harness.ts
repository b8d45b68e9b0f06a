import { expect } from 'vitest';
import type { LocalAzureOptions } from '../../local-azure/src/azure.ts';
import { serveLocalAzure } from '../../local-azure/src/serve.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { rememberedGuests } from '../crash/remembered-guest.ts';
import {
  type ArmResource,
  controls,
  controlsThrough,
  textOf,
  writesAmong,
} from '../runner/control.ts';
import { defaultInputs } from '../runner/default-inputs.ts';
import { leaksIn } from '../runner/leaks.ts';
import { type Listening, startLocalAzure } from '../runner/local-azure-process.ts';
import { type ActionOptions, type ActionRun, runAction } from '../runner/run-action.ts';
import { weatherInForce } from '../runner/weather.ts';

/** Emulated seconds in a real one: a capture of eight minutes takes one. */
const SPEED = 480;

export interface Stage extends AsyncDisposable {
  readonly azure: Listening;
  readonly control: ReturnType<typeof controlsThrough>;
  /**
   * Runs the bundle with the default capture's inputs and these; empty ones are not given. An idle `post` is
   * left out, unless the options say otherwise.
   */
  run(inputs?: Record<string, string>, options?: Partial<ActionOptions>): Promise<ActionRun>;
  /** Lets so many of these requests meet this fate; the members of a rule are in local-azure/src/faults.ts. */
  misfortune(method: string, path: string, then: unknown, times?: number): Promise<unknown>;
  /** What was written to ARM since the last `forgetRequests`. */
  writes(): Promise<string[]>;
}

/** One whose local Azure is in this process. */
export interface StageHere extends Stage {
  /** Puts a resource into the world; its machines keep what their consoles show. */
  put(resource: ArmResource): void;
}

/**
 * A local Azure with these options, and the shipped bundle beside it. It listens in the test's own process:
 * a process for each would take as long to start as the bundle takes to run.
 */
export async function stage(speed = SPEED, options: LocalAzureOptions = {}): Promise<StageHere> {
  const served = await serveLocalAzure({
    speed,
    guests: rememberedGuests,
    weather: weatherInForce(),
    ...options,
  });
  const { tenantId, subscriptionId, clientId } = served.azure;
  const { endpoint, caFile, env } = served;
  const azure = { endpoint, tenantId, subscriptionId, clientId, caFile, env };
  const control = controlsThrough(async (method, path, body) => {
    const request = new Request(`${endpoint}${path}`, { method, body: textOf(body) ?? null });
    const response = await served.azure.fetch(request);
    return { status: response.status, text: await response.text() };
  });
  return {
    ...stageOf(azure, control, () => served[Symbol.asyncDispose]()),
    put: (resource) => served.azure.world.put(asResource(resource)),
  };
}

/** The same with the local Azure as a process of its own, as `npm run azure` starts it. */
export async function stageOfProcesses(): Promise<Stage> {
  const azure = await startLocalAzure('--speed', String(SPEED));
  return stageOf(azure, controls(azure), () => azure[Symbol.asyncDispose]());
}

function stageOf(azure: Listening, control: Stage['control'], end: () => PromiseLike<void>): Stage {
  return {
    azure,
    control,
    run: async (inputs = {}, more = {}) => {
      const run = await runAction({
        skipIdlePost: true,
        ...more,
        inputs: { ...defaultInputs(azure), ...inputs },
        env: { ...azure.env, ...more.env },
      });
      expect(leaksIn(run, [...(await control.secrets()), ...ownSecrets(azure)])).toEqual([]);
      return run;
    },
    misfortune: (method, path, then, times = 1) =>
      control.fault({ match: { method, path }, times, then }),
    writes: async () => writesAmong(await control.requests()),
    [Symbol.asyncDispose]: end,
  };
}

/** What the runner gives a job that nobody else may have. */
const ownSecrets = ({ env }: Listening): string[] =>
  [env.ACTIONS_ID_TOKEN_REQUEST_TOKEN, env.GITHUB_TOKEN].filter((each) => each !== undefined);

/** The error annotations of a log. */
export const errorsIn = (log: string): string[] =>
  log.split('\n').filter((line) => line.startsWith('::error'));

/**
 * Changes the world behind the action's back: every resource whose ID ends so, and more beside them.
 * Forgets the requests so far.
 */
export async function changeWorld(
  { control }: Stage,
  changes: Readonly<Record<string, (entry: ArmResource) => ArmResource>>,
  more: readonly ArmResource[] = [],
): Promise<void> {
  const missed = new Set(Object.keys(changes));
  const world = (await control.world()).map((entry) => {
    const end = Object.keys(changes).find((each) => entry.id.endsWith(each));
    if (end === undefined) return entry;
    missed.delete(end);
    return changes[end]?.(entry) ?? entry;
  });
  if (missed.size > 0) throw new Error(`This world has no ${[...missed].join(', ')}`);
  await control.setWorld([...world, ...more]);
  await control.forgetRequests();
}

/** Other properties on top of those that a resource has; `undefined` takes one away. */
export const withProperties =
  (properties: Record<string, unknown>) =>
  (entry: ArmResource): ArmResource => ({
    ...entry,
    properties: { ...entry.properties, ...properties },
  });

/** What is in the world whose ID holds this. */
export const named = async ({ control }: Stage, part: string): Promise<ArmResource[]> =>
  (await control.world()).filter(({ id }) => id.includes(part));

/** Changes the build VM's state behind the action's back; forgets the requests so far. */
export function setPower(local: Stage, power: string, generalized = false): Promise<void> {
  const statuses = [
    ...(generalized ? [{ code: 'OSState/generalized', level: 'Info' }] : []),
    { code: 'ProvisioningState/succeeded', level: 'Info' },
    { code: `PowerState/${power}`, level: 'Info' },
  ];
  return changeWorld(local, {
    '/build-linux': (entry) => {
      const view = entry.properties?.instanceView as object;
      return withProperties({ instanceView: { ...view, statuses } })(entry);
    },
  });
}

/**
 * Resolves when Azure has this request; with `answered`, when it has acted on it.
 *
 * @param glob of the path: `**` in front, `*` for one segment
 */
export async function requestSeen(
  { control }: Stage,
  method: string,
  glob: string,
  answered = false,
): Promise<void> {
  const end = new RegExp(`${glob.replace('**', '').replaceAll('*', '[^/]+')}$`, 'i');
  for (;;) {
    const found = (await control.requests()).find(
      (request) => request.method === method && end.test(request.path),
    );
    if (found && (!answered || found.status)) return;
    await new Promise((done) => setTimeout(done, 10));
  }
}
