/** Long-running operations: how they are started, how they end and how they are polled. */
import type { Arm, ArmRequest, Reply } from './arm.ts';
import { defect, inSubscription } from './arm.ts';
import { stamp, type Timeline } from './clock.ts';
import { type Durations, type OperationKey, secondsFor } from './durations.ts';
import { armError, type ErrorBody } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { Random } from './random.ts';
import { compactRegion, pollRegion } from './regions.ts';
import { hasNotification, hasPartition } from './service-history.ts';

/** Which of Azure's families of poll URLs (recorded). */
export type OperationKind = 'operations' | 'DiskOperations' | 'capsOperations';

/** How an operation ends: in success, perhaps with an output, or with an error. */
export type Outcome =
  | { readonly output?: Json }
  | { readonly error: ErrorBody; readonly status?: 'Failed' | 'Canceled' };

/** What a provider says about an operation it starts. */
export interface OperationSpec {
  readonly kind: OperationKind;
  /** Any spelling of a region; poll URLs carry the compact one. */
  readonly location: string;
  /** A key of MEDIAN_SECONDS: method, type and perhaps a variant in brackets. */
  readonly name: string;
  /** ID of the resource worked on. */
  readonly resource: string;
  /** Seconds it takes when neither the test nor the medians are to say. */
  readonly seconds?: number;
  /** Provider namespace of the poll URL; Microsoft.Compute when left out. */
  readonly namespace?: string;
  /** `Retry-After` of the first answer and of each answer while in progress, in seconds. */
  readonly retryAfter?: { readonly first?: number; readonly poll?: number };
  /** Runs when the time is up, with `now` at exactly that time. */
  readonly onEnd?: () => Outcome | undefined;
  /** Runs instead of `onEnd` when a fault rule has the operation fail. */
  readonly onFault?: (error: ErrorBody) => void;
}

/** An operation that has been started. */
export interface Operation {
  readonly id: string;
  readonly seconds: number;
  readonly startTime: number;
  /** The first answer to its client; `location` adds the header of that name (202 answers). */
  reply(status: number, body?: JsonObject, options?: { location?: boolean }): Reply;
  /** Moves its end by so many seconds from where it was planned. */
  postpone(seconds: number): void;
  /** Plans its end anew: so many seconds from now. */
  endIn(seconds: number): void;
}

interface Running {
  readonly spec: OperationSpec;
  readonly startTime: number;
  endTime: number | undefined;
  outcome: Outcome;
}

const MODELLED: readonly OperationKind[] = ['operations', 'DiskOperations', 'capsOperations'];

/** How many operations that have ended can still be polled. */
const MOST_ENDED = 5000;

/** All operations that are under way, and the newest of those that have ended, by ID. */
export class Operations {
  #operations = new Map<string, Running>();
  /** IDs of those that have ended, in this order. */
  #ended: string[] = [];
  #timeline: Timeline;
  #random: Random;
  #durations: Durations | undefined;

  constructor(timeline: Timeline, random: Random, durations: Durations | undefined) {
    this.#timeline = timeline;
    this.#random = random;
    this.#durations = durations;
  }

  /** `Retry-After` of `seconds` at the clock's speed: at least one. */
  retryAfter(seconds: number): string {
    return String(Math.max(1, Math.round(seconds / this.#timeline.clock.speed)));
  }

  /** Seconds something takes: as the test says, else as its provider does, else the median. */
  secondsFor(key: OperationKey, usual?: number): number {
    return this.#durations?.(key) ?? usual ?? secondsFor(key, undefined);
  }

  /** Starts an operation on behalf of `request`, whose request ID becomes the operation's. */
  start(request: ArmRequest, spec: OperationSpec): Operation {
    const seconds = this.secondsFor({ name: spec.name, resource: spec.resource }, spec.seconds);
    const startTime = this.#timeline.now();
    const running: Running = { spec, startTime, endTime: undefined, outcome: {} };
    this.#operations.set(request.requestId, running);
    const fault = request.fault;
    const fate = fault !== undefined && 'operation' in fault ? fault.operation : undefined;

    const end = (): void => {
      if (fate === undefined || fate.status === 'InProgress') {
        running.outcome = outcomeOf(spec);
      } else {
        spec.onFault?.(fate.error);
        running.outcome = { error: fate.error, status: fate.status };
      }
      running.endTime = this.#timeline.now();
      this.#ended.push(request.requestId);
      if (this.#ended.length > MOST_ENDED) this.#operations.delete(this.#ended.shift() ?? '');
    };
    const after = (left: number): (() => void) =>
      fate?.status === 'InProgress' ? () => undefined : this.#timeline.after(left, end);
    let planned = seconds;
    let cancel = after(seconds);
    const passed = () => (this.#timeline.now() - startTime) / 1000;
    const headers = this.#firstHeaders(request, spec);
    return {
      id: request.requestId,
      seconds,
      startTime,
      postpone: (more) => {
        cancel();
        cancel = after(Math.max(0, planned + more - passed()));
      },
      endIn: (left) => {
        planned = passed() + left;
        cancel();
        cancel = after(left);
      },
      reply: (status, body, options = {}) => ({
        status,
        body,
        headers: options.location === true ? headers : withoutLocation(headers),
      }),
    };
  }

  /** Answers polls of every kind of poll URL in Microsoft.Compute and Microsoft.Network. */
  register(arm: Arm): void {
    for (const namespace of ['Microsoft.Compute', 'Microsoft.Network']) {
      for (const kind of MODELLED) {
        const pattern = inSubscription(`${namespace}/locations/{location}/${kind}/{operation}`);
        arm.route('GET', pattern, 'recordings', (request) => this.#poll(request));
      }
    }
  }

  #poll(request: ArmRequest): Reply {
    const running = this.#operations.get(request.name.toLowerCase());
    if (running === undefined) {
      // Invented: no recording polls an operation that is not known.
      throw armError(404, 'NotFound', `The operation '${request.name}' was not found.`);
    }
    const asMonitor = request.query.get('monitor') === 'true';
    if (running.endTime === undefined) {
      const wait = running.spec.retryAfter?.poll;
      const headers = wait === undefined ? {} : { 'retry-after': this.retryAfter(wait) };
      if (asMonitor) return { status: 202, headers: { ...headers, location: monitorUrl(request) } };
      return { status: 200, headers, body: statusBody(request.name, running) };
    }
    if (!asMonitor) return { status: 200, body: statusBody(request.name, running) };
    // Invented: recordings follow `monitor=true` only after success, with the output or nothing.
    if ('error' in running.outcome) return { status: 409, body: { error: running.outcome.error } };
    return { status: 200, body: running.outcome.output };
  }

  #firstHeaders(request: ArmRequest, spec: OperationSpec): Record<string, string> {
    const disks = spec.kind === 'DiskOperations';
    const location = disks ? compactRegion(spec.location) : pollRegion(spec.location);
    const namespace = spec.namespace ?? 'Microsoft.Compute';
    const base =
      `${request.origin}/subscriptions/${request.subscriptionId}/providers/${namespace}` +
      `/locations/${encodeURIComponent(location.toWellFormed())}/${spec.kind}/${request.requestId}`;
    const now = this.#timeline.now();
    const p = hasPartition(spec.kind, now) ? `p=${this.#random.uuid()}&` : '';
    const tail = `api-version=${request.apiVersion}&${this.#signature()}`;
    const first = spec.retryAfter?.first;
    return {
      'azure-asyncoperation': `${base}?${p}${tail}`,
      location: `${base}?${p}monitor=true&${tail}`,
      ...(hasNotification(spec.kind, request.method, now)
        ? { 'azure-asyncnotification': 'Enabled' }
        : {}),
      ...(first === undefined ? {} : { 'retry-after': this.retryAfter(first) }),
    };
  }

  /** As long as a real one (about 2.5 KB, recorded), signing nothing. */
  #signature(): string {
    const ticks = String((this.#timeline.now() + 62_135_596_800_000) * 10_000);
    const long = this.#random.hex(16).repeat(125);
    return `t=${ticks}&c=${long}&s=${this.#random.hex(342)}&h=${this.#random.hex(43)}`;
  }
}

/** A defect ends its own operation, not the request of whoever looks next. */
function outcomeOf(spec: OperationSpec): Outcome {
  try {
    return spec.onEnd?.() ?? {};
  } catch (error) {
    return { error: defect(error) };
  }
}

function withoutLocation(headers: Record<string, string>): Record<string, string> {
  const { location: _, ...others } = headers;
  return others;
}

function monitorUrl(request: ArmRequest): string {
  return `${request.origin}${request.id}?${request.query}`;
}

function statusBody(name: string, running: Running): JsonObject {
  const { outcome, endTime } = running;
  const done = endTime === undefined ? undefined : stamp(endTime);
  const failed = 'error' in outcome;
  const end = 'error' in outcome ? (outcome.status ?? 'Failed') : 'Succeeded';
  const status = done === undefined ? 'InProgress' : end;
  const output = !failed && outcome.output !== undefined ? outcome.output : undefined;
  return {
    startTime: stamp(running.startTime),
    ...(done === undefined ? {} : { endTime: done }),
    status,
    ...(output === undefined ? {} : { properties: { output } }),
    ...(failed ? { error: outcome.error } : {}),
    name,
  };
}
