/** Misbehaviour on demand: rules that say which request meets which fate. */
import picomatch from 'picomatch';
import type { ErrorBody } from './errors.ts';
import { armError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** What happens to a request that a rule matches; one member only. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: Json }
  | { readonly reset: true }
  | { readonly loseResponse: true }
  | { readonly hang: true }
  | { readonly operation: OperationFault }
  | { readonly region: RegionFault };

/** How an operation ends; `InProgress`: it never does. */
export type OperationFault =
  | { readonly status: 'Failed' | 'Canceled'; readonly error: ErrorBody }
  | { readonly status: 'InProgress' };

/** How replication to one region of a version goes wrong. */
export interface RegionFault {
  readonly name: string;
  readonly state: string;
  readonly details?: string;
}

/** Which requests: an HTTP method, `*` (any), `write` or `read` (of ARM), and a glob of the path. */
export interface FaultRule {
  readonly match: { readonly method?: string; readonly path: string };
  /** How many matching requests pass unharmed first; 0 when left out. */
  readonly after?: number;
  /** How many are hit after that; 1 when left out. */
  readonly times?: number;
  /** What happens to them; over HTTP its name is `then`. */
  readonly fate: Fault;
}

interface ArmedRule {
  readonly rule: FaultRule;
  readonly matches: (method: string, path: string) => boolean;
  seen: number;
  applied: number;
}

/** What picomatch takes, with room to spare. */
const LONGEST_GLOB = 4096;

const KINDS = ['status', 'reset', 'loseResponse', 'hang', 'operation', 'region'];

/** The rules in force. Every matching rule counts a request; the first one that is due hits it. */
export class Faults {
  #rules: ArmedRule[] = [];

  /** Adds a rule; globs compare without case, `*` is one segment and `**` any number. */
  add(rule: FaultRule): void {
    if (rule.fate === undefined) throw new TypeError('In-process the "then" of a rule is "fate".');
    this.#rules.push({ rule, matches: matcherOf(rule.match), seen: 0, applied: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** How many requests the rules in force have hit so far. */
  get hits(): number {
    return this.#rules.reduce((sum, { applied }) => sum + applied, 0);
  }

  /** The fate of this request, counted as seen. */
  meet(method: string, path: string): Fault | undefined {
    let fate: Fault | undefined;
    for (const armed of this.#rules) {
      if (!armed.matches(method, path)) continue;
      armed.seen += 1;
      const due = armed.seen > (armed.rule.after ?? 0) && armed.applied < (armed.rule.times ?? 1);
      if (fate !== undefined || !due) continue;
      armed.applied += 1;
      fate = armed.rule.fate;
    }
    return fate;
  }
}

/** Whether a request fits; globs compare without case. */
export function matcherOf(match: FaultRule['match']): (method: string, path: string) => boolean {
  const fitsPath = picomatch(match.path.replace(/^\/+/, ''), { nocase: true, dot: true });
  const wanted = (match.method ?? '*').toLowerCase();
  return (method, path) => fitsMethod(wanted, method, path) && fitsPath(path.replace(/^\/+/, ''));
}

function fitsMethod(wanted: string, method: string, path: string): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  if (wanted === '*') return true;
  if (wanted === 'write') return isArmPath(path) && !isRead;
  if (wanted === 'read') return isArmPath(path) && isRead;
  return wanted === method.toLowerCase();
}

/** Whether a URL path belongs to Azure Resource Manager. */
export function isArmPath(path: string): boolean {
  return /^\/(subscriptions|providers|tenants|locations)(\/|$)/i.test(path);
}

/** Checks a rule that came over HTTP; throws what is wrong with it. */
export function parseFaultRule(value: Json): FaultRule {
  const wrong = (message: string): Error => armError(400, 'InvalidFaultRule', message);
  if (!isObject(value) || !isObject(value.match) || typeof value.match.path !== 'string') {
    throw wrong('A fault rule needs {"match": {"method", "path"}, "then": …} with a path glob.');
  }
  const { method = '*', path } = value.match;
  if (typeof method !== 'string') throw wrong('"method" is a text.');
  if (path.replace(/^\/+/, '') === '' || path.length > LONGEST_GLOB) {
    throw wrong(`"path" is a glob of 1 to ${LONGEST_GLOB} characters.`);
  }
  const { then, ...others } = value;
  for (const count of ['after', 'times']) {
    const number = value[count];
    if (number !== undefined && !(typeof number === 'number' && number >= 0)) {
      throw wrong(`"${count}" must be a number, 0 or more.`);
    }
  }
  return { ...others, fate: requireFate(then) } as unknown as FaultRule;
}

/** An answer that HTTP has: anything else could not be sent when its time comes. */
function checkReply({ status, headers = {}, body }: JsonObject, wrong: (message: string) => Error) {
  if (!(Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599)) {
    throw wrong('"status" is a number from 200 to 599.');
  }
  if ([204, 205, 304].includes(Number(status)) && body !== undefined) {
    throw wrong(`An answer ${status} has no "body".`);
  }
  const isText =
    isObject(headers) && Object.values(headers).every((each) => typeof each === 'string');
  try {
    if (isText) new Headers(headers as Record<string, string>);
  } catch {
    throw wrong('"headers" has a name or a value that HTTP does not have.');
  }
  if (!isText) throw wrong('"headers" is an object of texts.');
}

/** What is to happen to a request, as a rule says it; throws what is wrong with it. */
export function requireFate(then: Json | undefined): Fault {
  const wrong = (message: string): Error => armError(400, 'InvalidFaultRule', message);
  if (!isObject(then)) throw wrong('A fault rule needs "then", an object.');
  const kinds = Object.keys(then).filter((key) => KINDS.includes(key));
  if (kinds.length !== 1) throw wrong(`"then" needs exactly one of ${KINDS.join(', ')}.`);
  checkKind(then, wrong);
  return then as unknown as Fault;
}

function checkKind(then: JsonObject, wrong: (message: string) => Error): void {
  if ('status' in then) checkReply(then, wrong);
  if ('operation' in then) {
    const { status, error } = isObject(then.operation) ? then.operation : {};
    if (status === 'InProgress') return;
    if (!isObject(error) || typeof error.code !== 'string' || typeof error.message !== 'string') {
      throw wrong('"operation" needs {"status": "Failed", "error": {"code", "message"}}.');
    }
  }
  if ('region' in then && !(isObject(then.region) && typeof then.region.name === 'string')) {
    throw wrong('"region" needs {"name", "state", "details"}.');
  }
}
