/**
 * Azure Resource Manager: routes, what every request must bring, and what providers work with.
 * A provider registers its routes on an `Arm` and answers with plain data; see README.md.
 */
import { Hono } from 'hono';
import { checkAccess } from './access.ts';
import { requireApiVersion, requireKnownVersion } from './api-versions.ts';
import { parseId } from './arm-id.ts';
import type { Principal } from './authentication.ts';
import type { Timeline } from './clock.ts';
import { declareRoute, type Source } from './coverage.ts';
import { ArmError, type ErrorBody, resourceNotFound } from './errors.ts';
import type { Fault } from './faults.ts';
import { requireExistence } from './gateway.ts';
import type { Json, JsonObject } from './json.ts';
import { requireKnownInput, requireKnownMembers } from './members.ts';
import type { Operations } from './operations.ts';
import { requireLocation } from './providers/locations.ts';
import type { Random } from './random.ts';
import {
  canonicalId,
  decodePath,
  honoPattern,
  parseBody,
  requireFewTags,
  routePath,
} from './routing.ts';
import { hasNotFoundHelp } from './service-history.ts';
import type { Unknowns } from './unknowns.ts';
import { Contents } from './vm/contents.ts';
import type { Weather } from './weather/weather.ts';
import type { World } from './world.ts';

/** A request that has passed ARM's own checks. */
export interface ArmRequest {
  readonly method: string;
  /** Scheme and host the client used; URLs in answers begin with it. */
  readonly origin: string;
  /**
   * The resource's ID, with the names' case as in the URL and the types' as registered. For an
   * action the resource acted on; for a list the resource or group that is listed.
   */
  readonly id: string;
  /** Last name in the ID. */
  readonly name: string;
  /** Names in the ID after the provider namespace, outermost first. */
  readonly names: readonly string[];
  readonly subscriptionId: string;
  /** Empty outside resource groups. */
  readonly resourceGroup: string;
  readonly apiVersion: string;
  readonly query: URLSearchParams;
  /** The JSON body; an empty object when there is none. */
  readonly body: JsonObject;
  readonly headers: Headers;
  /** `x-ms-request-id` of the answer, and the ID of an operation that this request starts. */
  readonly requestId: string;
  /** A fault that only the handler can bring about (`operation`, `region`). */
  readonly fault: Fault | undefined;
  readonly principal: Principal;
}

/** An answer: a body is sent as JSON, a string as it is. */
export interface Reply {
  readonly status: number;
  readonly body?: Json | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether ARM answers without asking the provider, whose limits are then not told. */
  readonly isGateways?: boolean;
}

/** Marks such an answer on its way out; no client sees it. */
export const GATEWAY_MARK = 'x-local-gateway';

export type Handler = (request: ArmRequest) => Reply | Promise<Reply>;

/** What the transport hands on with a request; its body has been read already. */
export interface Incoming {
  readonly requestId: string;
  readonly text: string;
  readonly fault: Fault | undefined;
  readonly principal: Principal;
}

/** Hono's environment for this application. */
export interface Env {
  Bindings: Incoming;
}

const GROUP = '/subscriptions/{subscription}/resourceGroups/{group}';

/** Route pattern of something in a resource group, e.g. `inGroup('Microsoft.Compute/disks/{disk}')`. */
export function inGroup(tail: string): string {
  return `${GROUP}/providers/${tail}`;
}

/** Route pattern of something in a subscription, outside resource groups. */
export function inSubscription(tail: string): string {
  return `/subscriptions/{subscription}/providers/${tail}`;
}

/** Route pattern of an extension of any resource, group or subscription. */
export function onAnyScope(tail: string): string {
  return `/{scope}/providers/${tail}`;
}

/** The shared state of Azure, and the way providers register with it. */
export class Arm {
  readonly app: Hono<Env>;
  readonly world: World;
  readonly timeline: Timeline;
  readonly operations: Operations;
  readonly random: Random;
  readonly unknowns: Unknowns;
  readonly weather: Weather;
  /** What disks, snapshots, images and versions hold. */
  readonly contents: Contents;
  /** Requests without a route that stderr has named already: a client repeats some very often. */
  readonly namedGaps = new Set<string>();

  constructor(parts: {
    world: World;
    timeline: Timeline;
    operations: Operations;
    random: Random;
    unknowns: Unknowns;
    weather: Weather;
  }) {
    this.world = parts.world;
    this.timeline = parts.timeline;
    this.operations = parts.operations;
    this.random = parts.random;
    this.unknowns = parts.unknowns;
    this.weather = parts.weather;
    this.contents = new Contents(parts.world);
    // ARM's paths compare without case; names keep theirs because they are read from the URL.
    this.app = new Hono<Env>({ getPath: (request) => routePath(request.url) });
  }

  /** Emulated milliseconds since the epoch. */
  now(): number {
    return this.timeline.now();
  }

  /**
   * Answers `method` on the pattern, built by `inGroup`, `inSubscription` or `onAnyScope`. Before
   * the handler runs, subscription, group and top-level resource have been found to exist (but
   * for the PUT that makes it), and the body is an object. What the handler throws as `ArmError`
   * becomes Azure's answer.
   */
  route(method: string, pattern: string, source: Source, handler: Handler): void {
    declareRoute(this.app, { method, path: pattern, source });
    this.app.on(method, honoPattern(pattern), async (context) => {
      const request = this.#request(context.req.raw, context.env, pattern);
      return respond(await this.weather.handled(request, () => handler(request)));
    });
  }

  #request(raw: Request, incoming: Incoming, pattern: string): ArmRequest {
    const url = new URL(raw.url);
    const apiVersion = requireApiVersion(url.searchParams);
    const id = canonicalId(url.pathname, pattern);
    const parsed = parseId(id);
    const body = parseBody(incoming.text);
    requireFewTags(body);
    const path = decodePath(url.pathname);
    requireKnownVersion(this.world, { path, apiVersion, body }, this.now());
    checkAccess(this.world, { principal: incoming.principal, method: raw.method, path, body });
    requireExistence(this.world, raw.method, id, this.now());
    if (raw.method === 'PUT' || raw.method === 'PATCH') {
      const { text } = incoming;
      requireKnownMembers({ resourceType: parsed.type, apiVersion, body, text });
    }
    if (raw.method === 'POST') {
      requireKnownInput(url.pathname.split('/').at(-1) ?? '', body, incoming.text);
    }
    const request = {
      method: raw.method,
      origin: url.origin,
      id,
      name: parsed.names.at(-1) ?? '',
      names: parsed.names,
      subscriptionId: parsed.subscriptionId ?? '',
      resourceGroup: parsed.resourceGroup ?? '',
      apiVersion,
      query: url.searchParams,
      body,
      headers: raw.headers,
      requestId: incoming.requestId,
      fault: incoming.fault,
      principal: incoming.principal,
    };
    const isTracked = /^Microsoft\.(Compute|Network)\/[^/]+$/i.test(parsed.type);
    if (raw.method === 'PUT' && isTracked) requireLocation(request, this.world.get(id));
    return request;
  }

  /** The gateway's 404 for a resource that it tracks. */
  notFound(id: string): ArmError {
    return resourceNotFound(id, hasNotFoundHelp(this.now()));
  }
}

/** Turns a reply into what goes over the wire. */
export function respond(reply: Reply): Response {
  const headers = new Headers(reply.headers);
  if (reply.isGateways === true) headers.set(GATEWAY_MARK, 'true');
  if (reply.body === undefined || reply.body === '')
    return new Response(null, { status: reply.status, headers });
  if (typeof reply.body === 'string') {
    return new Response(reply.body, { status: reply.status, headers });
  }
  headers.set('content-type', 'application/json; charset=utf-8');
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
}

/** Azure's answer to whatever a handler threw; what nobody foresaw is a 500 that says so. */
export function respondToError(error: unknown): Response {
  if (error instanceof ArmError) {
    return respond({ status: error.status, body: { error: error.body }, headers: error.headers });
  }
  return respond({ status: 500, body: { error: defect(error) } });
}

/** What nobody foresaw, as an error that says so; told on stderr as well. */
export function defect(error: unknown): ErrorBody {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`local Azure: ${message}\n`);
  return { code: 'InternalServerError', message: `Defect in the local Azure: ${message}` };
}
