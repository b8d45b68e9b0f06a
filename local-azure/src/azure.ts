/**
 * The local Azure: everything put together behind one `fetch`. Both transports, in-process
 * (in-process.ts) and HTTPS (serve.ts), hand requests to it and nothing else.
 */

import { accessToken } from './access-token.ts';
import { Arm, respondToError } from './arm.ts';
import { sameId } from './arm-id.ts';
import { type Clock, systemClock, Timeline } from './clock.ts';
import { CLOUDS, type Cloud } from './cloud.ts';
import { registerControls } from './controls.ts';
import { fromSource, type Route, routesOf } from './coverage.ts';
import { defaultWorld } from './default-world.ts';
import type { Durations } from './durations.ts';
import { registerEntra } from './entra.ts';
import { Faults } from './faults.ts';
import {
  GITHUB_API,
  GitHub,
  ID_TOKEN_REQUEST_TOKEN,
  ID_TOKEN_URL,
  type SubjectForm,
} from './github.ts';
import { GITHUB_TOKEN } from './github-tokens.ts';
import { CLIENT_ID, TENANT_ID } from './identity.ts';
import { registerImds } from './imds.ts';
import { Issued } from './issued.ts';
import { registerMetadata } from './metadata.ts';
import { Operations } from './operations.ts';
import { Pipeline } from './pipeline.ts';
import { registerProviders } from './providers/index.ts';
import { Random } from './random.ts';
import { Requests } from './requests.ts';
import { respondToUnmodelled } from './stored.ts';
import { Throttle } from './throttle.ts';
import { DEFAULT_UNKNOWNS, type Unknowns } from './unknowns.ts';
import type { Machine } from './vm/machine.ts';
import { type Guests, Machines } from './vm/machines.ts';
import type { WeatherDocument } from './weather/document.ts';
import { Weather } from './weather/weather.ts';
import { type ResourceInput, World } from './world.ts';

export interface LocalAzureOptions {
  /** The resources there are at first; the default world when left out. */
  readonly world?: readonly ResourceInput[];
  /** Emulated seconds in a real one; 1 when left out. Without effect beside `clock`. */
  readonly speed?: number;
  readonly clock?: Clock;
  /** Scheme, host and port that clients reach it by; `https://azure.test` when left out. */
  readonly origin?: string;
  /** How long operations take, where the recorded medians are not to decide. */
  readonly durations?: Durations;
  /** How long access tokens live, in real seconds; 3599 when left out. */
  readonly tokenSeconds?: number;
  /** How long GitHub's ID tokens live, in real seconds; 300 when left out. */
  readonly assertionSeconds?: number;
  /** How ID tokens name the repository in their subject. */
  readonly idTokenSubject?: SubjectForm;
  /** Who signs ID tokens: GitHub Enterprise Server has its own, and subjects of names alone. */
  readonly idTokenIssuer?: string;
  /**
   * Whether ARM asks for an access token of its own. When left out: over HTTPS yes, in-process no,
   * where whoever holds the object is trusted and tokens are rarely the test's subject.
   */
  readonly authentication?: boolean;
  /** Which of Azure's clouds it is; the public one when left out. */
  readonly cloud?: Cloud;
  /** Certificates that are registered with the application, PEM; none when left out. */
  readonly clientCertificates?: readonly string[];
  /** Seed of everything random: IDs, order of replication. */
  readonly seed?: number;
  /** Whether requests draw on Azure's limits; true when left out. */
  readonly throttling?: boolean;
  /** What runs in a VM; a fresh Ubuntu guest, or a Windows stand-in, when left out. */
  readonly guests?: Guests;
  /** Whether `/_local/secrets` tells what secrets were issued; costs a copy of every answer. */
  readonly recordSecrets?: boolean;
  /** Which way Azure behaves where nobody knows. */
  readonly unknowns?: Partial<Unknowns>;
  /** What goes wrong by itself; nothing when left out. */
  readonly weather?: WeatherDocument | undefined;
}

/** A running local Azure. */
export interface LocalAzure extends Disposable {
  /** Base URL of ARM, Entra and GitHub alike, without a trailing slash. */
  readonly endpoint: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The first one in the world. */
  readonly subscriptionId: string;
  /** What a client in another process must export; without what the transport adds. */
  readonly env: Readonly<Record<string, string>>;
  /** GitHub's side: comments. */
  readonly github: GitHub;
  /** A GitHub ID token, as `core.getIDToken` gets one. */
  idToken(audience?: string): string;
  /** An ARM access token, for clients that do not sign in. */
  accessToken(): string;
  readonly world: World;
  readonly requests: Requests;
  readonly faults: Faults;
  readonly weather: Weather;
  readonly clock: Clock;
  /** Every route that it answers, with the source of each. */
  readonly routes: readonly Route[];
  /** Applies what is due; only needed before looking into `world` without a request. */
  settle(): void;
  /** The machine behind a VM, by the VM's name or ID: its guest and its serial log. */
  machine(vm: string): Machine;
  /** Answers a request. Rejects with `ConnectionReset` when a fault cuts the connection. */
  fetch(request: Request): Promise<Response>;
}

/** Builds a local Azure; nothing is opened or started, there are only `fetch` and handles. */
export function createLocalAzure(options: LocalAzureOptions = {}): LocalAzure {
  const endpoint = options.origin ?? 'https://azure.test';
  const clock = options.clock ?? systemClock(options.speed ?? 1);
  const timeline = new Timeline(clock);
  const random = new Random(options.seed ?? 1);
  const world = new World(options.world ?? defaultWorld());
  const operations = new Operations(timeline, random, options.durations);
  const requests = new Requests();
  const faults = new Faults();
  const tokenSeconds = options.tokenSeconds ?? 3599;
  const github = new GitHub(random, {
    seconds: options.assertionSeconds ?? 300,
    subject: options.idTokenSubject,
    issuer: options.idTokenIssuer,
  });
  const unknowns = { ...DEFAULT_UNKNOWNS, ...options.unknowns };
  const surroundings = { world, timeline, random, machines: () => machines };
  const mayBeSlow = unknowns.readsAfterWrite === 'may be stale';
  const weather = new Weather(surroundings, options.weather, mayBeSlow);
  const arm = new Arm({ world, timeline, operations, random, unknowns, weather });
  const machines = new Machines(arm, options.guests);
  operations.register(arm);
  registerProviders(arm, machines);
  fromSource(arm.app, 'clients', () => registerMetadata(arm.app));
  const { cloud = CLOUDS.AzureCloud, clientCertificates: certificates = [] } = options;
  const tokens = { world, random, tokenSeconds, cloud, endpoint };
  fromSource(arm.app, 'documentation', () => {
    registerEntra(arm.app, { ...tokens, certificates });
    registerImds(arm.app, tokens);
    github.register(arm.app);
  });
  const reset = (): void => {
    timeline.clear();
    machines[Symbol.dispose]();
    arm.contents.clear();
  };
  const issued = new Issued();
  fromSource(arm.app, 'own', () =>
    registerControls(arm.app, { requests, world, faults, timeline, issued, weather, reset }),
  );
  weather.arm();
  arm.app.notFound((context) => respondToUnmodelled(arm, context.req.raw));
  arm.app.onError(respondToError);

  const pipeline = new Pipeline({
    arm,
    requests,
    faults,
    weather,
    throttle: options.throttling === false ? undefined : new Throttle(timeline),
    authentication: options.authentication === true,
    cloud,
  });
  return {
    endpoint,
    tenantId: TENANT_ID,
    clientId: CLIENT_ID,
    env: environment(endpoint),
    github,
    idToken: (audience = cloud.exchangeAudience) => github.idToken(audience),
    accessToken: () => accessToken({ audience: endpoint, tokenSeconds, random, cloud }),
    subscriptionId: world.subscriptions()[0] ?? '00000000-0000-0000-0000-000000000000',
    world,
    requests,
    faults,
    weather,
    clock,
    routes: routesOf(arm.app),
    settle: () => timeline.settle(),
    machine: (name) => {
      const all = world.all().filter(({ type }) => /\/virtualMachines$/i.test(type));
      const vm = all.find((each) => each.name === name || sameId(each.id, name));
      if (vm === undefined) throw new Error(`There is no VM ${name} in the local Azure`);
      return machines.of(vm);
    },
    [Symbol.dispose]: reset,
    fetch: async (request) => {
      const response = await pipeline.fetch(request);
      if (options.recordSecrets) await issued.note(response);
      return response;
    },
  };
}

/** Where GitHub and Entra are, and who the application is, for a client's environment. */
function environment(endpoint: string): Record<string, string> {
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${endpoint}${ID_TOKEN_URL}`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: ID_TOKEN_REQUEST_TOKEN,
    AZURE_AUTHORITY_HOST: endpoint,
    AZURE_CLIENT_ID: CLIENT_ID,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint,
    AZURE_TENANT_ID: TENANT_ID,
    GITHUB_API_URL: `${endpoint}${GITHUB_API}`,
    GITHUB_TOKEN,
  };
}
