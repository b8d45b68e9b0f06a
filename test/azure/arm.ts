/**
 * Azure Resource Manager: routes, what every request must bring, and what providers work with.
 * A provider registers its routes on an `Arm` and answers with plain data; see README.md.
 */
import { Hono } from 'hono';
import { checkAccess } from './access.ts';
import { parseId, topLevelId } from './arm-id.ts';
import type { Timeline } from './clock.ts';
import { ArmError, armError, groupNotFound, parentNotFound, resourceNotFound } from './errors.ts';
import type { Fault } from './faults.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Operations } from './operations.ts';
import type { Random } from './random.ts';
import { hasNotFoundHelp } from './service-history.ts';
import type { Unknowns } from './unknowns.ts';
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
}

/** An answer: a body is sent as JSON, a string as it is. */
export interface Reply {
  readonly status: number;
  readonly body?: Json | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (request: ArmRequest) => Reply | Promise<Reply>;

/** What the transport hands on with a request; its body has been read already. */
export interface Incoming {
  readonly requestId: string;
  readonly text: string;
  readonly fault: Fault | undefined;
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

  constructor(parts: {
    world: World;
    timeline: Timeline;
    operations: Operations;
    random: Random;
    unknowns: Unknowns;
  }) {
    this.world = parts.world;
    this.timeline = parts.timeline;
    this.operations = parts.operations;
    this.random = parts.random;
    this.unknowns = parts.unknowns;
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
  route(method: string, pattern: string, handler: Handler): void {
    this.app.on(method, honoPattern(pattern), async (context) => {
      const request = this.#request(context.req.raw, context.env, pattern);
      return respond(await handler(request));
    });
  }

  #request(raw: Request, incoming: Incoming, pattern: string): ArmRequest {
    const url = new URL(raw.url);
    const apiVersion = requireApiVersion(url.searchParams);
    const id = canonicalId(url.pathname, pattern);
    const parsed = parseId(id);
    const body = parseBody(incoming.text);
    checkAccess(this.world, raw.method, decodePath(url.pathname));
    this.#requireExistence(raw.method, id, url.pathname);
    return {
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
    };
  }

  /** The gateway's own 404s (errors.json, `arm.*`); DELETE of nothing is the provider's 204. */
  #requireExistence(method: string, id: string, path: string): void {
    const { subscriptionId, resourceGroup, names } = parseId(id);
    if (subscriptionId === undefined) return;
    const known = this.world.subscriptions().map((each) => each.toLowerCase());
    if (!known.includes(subscriptionId.toLowerCase())) {
      const message = `The subscription '${subscriptionId}' could not be found.`;
      throw armError(404, 'SubscriptionNotFound', message);
    }
    if (resourceGroup === undefined) return;
    if (!this.world.hasGroup(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`)) {
      if (!(method === 'PUT' && parseId(path).names.length <= 1 && !/\/providers\//i.test(path))) {
        throw groupNotFound(resourceGroup);
      }
    }
    const top = topLevelId(id);
    if (top === undefined || this.world.get(top) !== undefined) return;
    const isTop = names.length === 1;
    if (method === 'PUT' && isTop) return;
    if (method === 'PUT') throw parentNotFound(names[0] ?? '');
    if (method === 'DELETE') return;
    throw this.notFound(isTracked(id) ? id : top);
  }

  /** The gateway's 404 for a resource that it tracks. */
  notFound(id: string): ArmError {
    return resourceNotFound(id, hasNotFoundHelp(this.now()));
  }
}

/** Nested resources with a location and tags of their own, which ARM knows by themselves. */
function isTracked(id: string): boolean {
  return /^Microsoft\.Compute\/galleries\//i.test(parseId(id).type);
}

/** The path Hono routes by: lower case, without empty segments or a trailing slash. */
function routePath(url: string): string {
  const path = new URL(url).pathname.toLowerCase();
  return path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
}

function honoPattern(pattern: string): string {
  return pattern
    .split('/')
    .map((segment) => {
      if (segment === '{scope}') return ':scope{.+}';
      return segment.startsWith('{') ? `:${segment.slice(1, -1)}` : segment.toLowerCase();
    })
    .join('/');
}

/** The URL's path with the pattern's spelling of what is not a name, less a trailing action. */
function canonicalId(path: string, pattern: string): string {
  const given = path.split('/').filter((segment) => segment !== '');
  const wanted = pattern.split('/').filter((segment) => segment !== '');
  const offset = given.length - wanted.length;
  const segments = given.map((segment, index) => {
    const literal = wanted[index - offset];
    const isName = literal === undefined || literal.startsWith('{');
    return isName ? decodePath(segment) : literal;
  });
  const id = `/${segments.join('/')}`;
  const { rest } = parseId(id);
  if (rest === undefined) return id;
  const shorter = segments.slice(0, -1);
  // A list at the top of a provider is a list of its group or subscription.
  return `/${(shorter.at(-2) === 'providers' ? shorter.slice(0, -2) : shorter).join('/')}`;
}

/** A path with its escapes resolved; what cannot be is ARM's 400 (wording invented). */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw armError(400, 'BadRequest', `The request URI is not valid: '${path}'.`);
  }
}

/** (Wording from ARM's public answers.) */
function requireApiVersion(query: URLSearchParams): string {
  const given = query.get('api-version');
  if (given === null || given === '') {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    throw armError(400, 'MissingApiVersionParameter', message);
  }
  if (!/^\d{4}-\d{2}-\d{2}(-\w+)?$/.test(given)) {
    const message = `The api-version '${given}' is invalid. The supported versions are dates such as '2025-12-03'.`;
    throw armError(400, 'InvalidApiVersionParameter', message);
  }
  return given;
}

function parseBody(text: string): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The request content was invalid and could not be deserialized: '${reason}'.`;
    throw armError(400, 'InvalidRequestContent', message);
  }
  if (!isObject(value)) {
    const message = 'The request content was invalid: the body must be a JSON object.';
    throw armError(400, 'InvalidRequestContent', message);
  }
  return value;
}

/** Turns a reply into what goes over the wire. */
export function respond(reply: Reply): Response {
  const headers = new Headers(reply.headers);
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
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`local Azure: ${message}\n`);
  return respond({
    status: 500,
    body: {
      error: { code: 'InternalServerError', message: `Defect in the local Azure: ${message}` },
    },
  });
}
