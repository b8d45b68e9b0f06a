import { createLocalAzure, type LocalAzure } from '../azure.ts';
import { manualClock } from '../clock.ts';
import { type OperationKey, secondsFor } from '../durations.ts';
import type { Json } from '../json.ts';
import { backgroundCopy } from '../providers/snapshots.ts';
import { asResource } from '../world.ts';
import { compareBodies, type Difference } from './compare.ts';
import { fitted, type RecordedDuration, recordedCopyEnd, recordedDuration } from './durations.ts';
import { explanationOf } from './explained.ts';
import { type Printed, recordedGuest, recordedOutput } from './guest.ts';
import { compareHeaders } from './headers.ts';
import { Aliases } from './mask.ts';
import { learnRegions } from './recorded-regions.ts';
import { emptyTally, type Finding, type Outcome, type Verdict } from './report.ts';
import { operationIn, type Target, targetOf } from './resource-path.ts';
import { checkFirst, checkPoll, type Started } from './retry-after.ts';
import type { Exchange, Scenario } from './scenario.ts';
import { isOutOfScope } from './scope.ts';
import { Seeds } from './seeds.ts';

/**
 * Sends a scenario's requests in order to a local Azure of its own, whose clock follows the
 * recorded times and whose operations take as long as the recorded ones, and compares the answers.
 */
export async function replay(scenario: Scenario): Promise<Outcome> {
  const run = new Replay(scenario);
  for (const [position, exchange] of scenario.exchanges.entries()) {
    await run.step(position).catch((error: unknown) => run.broke(exchange, error));
  }
  return run.outcome();
}

class Replay {
  readonly #scenario: Scenario;
  readonly #clock;
  readonly #azure: LocalAzure;
  readonly #seeds: Seeds;
  readonly #aliases = new Aliases();
  /** What each recorded operation was started by. */
  readonly #started = new Map<string, Started>();
  /** Recorded operations whose start, with a reason, began none here. */
  readonly #notBegun = new Set<string>();
  readonly #tally = emptyTally();
  readonly #findings: Finding[] = [];
  readonly #verdicts: Verdict[] = [];
  readonly #core = { matched: 0, all: 0 };
  #duration: RecordedDuration | undefined;
  #printed: Printed | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    learnRegions(scenario.exchanges);
    this.#clock = manualClock(scenario.startedAt);
    this.#azure = createLocalAzure({
      clock: this.#clock,
      authentication: false,
      guests: () => recordedGuest(() => this.#printed),
      world: groupsOf(scenario).map((id) => ({ id })),
      durations: (key) => this.#secondsOf(key),
      // A region that lags does so by chance; no recording shows one.
      unknowns: { regionsAfterSuccess: 'never lag', readsAfterWrite: 'never stale' },
    });
    this.#seeds = new Seeds(
      {
        get: (id) => this.#azure.world.get(this.#aliases.applied(id)),
        put: (resource) => this.#azure.world.put(asResource(resource)),
      },
      scenario.exchanges,
    );
  }

  outcome(): Outcome {
    const { label } = this.#scenario;
    const verdicts = this.#verdicts;
    return { label, tally: this.#tally, findings: this.#findings, core: this.#core, verdicts };
  }

  /** An exchange that could not even be sent or compared is a difference like any other. */
  broke(exchange: Exchange, error: unknown): void {
    const local = `no answer: ${error instanceof Error ? error.message : String(error)}`;
    const target = targetOf(exchange.method, exchange.url.pathname);
    const recorded = `an answer ${exchange.status}`;
    this.#judge(exchange, target, [{ kind: 'status', where: 'exchange', recorded, local }], false);
  }

  async step(position: number): Promise<void> {
    const exchange = this.#scenario.exchanges[position];
    if (exchange === undefined) return;
    const target = targetOf(exchange.method, exchange.url.pathname);
    const started = this.#startedBy(exchange, target);
    const subject = started?.target ?? target;
    if (isOutOfScope(subject.type)) {
      this.#tally.outOfScope++;
      this.#verdicts.push('outOfScope');
      return;
    }
    if (target.operation !== undefined && started === undefined) {
      this.#judge(exchange, target, [unknownStart], false);
      return;
    }
    if (target.operation !== undefined && this.#notBegun.has(target.operation)) {
      this.#judge(exchange, subject, [notBegun], false);
      return;
    }
    this.#clock.set(this.#scenario.startedAt + exchange.time * 1000);
    this.#azure.settle();
    const isSeeded = this.#seeds.prepare(position);
    this.#duration = recordedDuration(this.#scenario.exchanges, position);
    this.#printed = recordedOutput(this.#scenario.exchanges, position) ?? this.#printed;
    const { response, body } = await this.#send(exchange);
    const differences = [
      ...statusDifference(exchange.status, response.status),
      ...compareBodies(exchange.answer, body, this.#aliases),
      ...compareHeaders(exchange.headers, response.headers, this.#aliases),
      ...retryAfterDifference(started, target, response, body),
    ];
    this.#seeds.settle();
    this.#judge(exchange, subject, differences, isSeeded);
  }

  /** How long something takes in the recording; undefined leaves it to the local Azure. */
  #secondsOf(key: OperationKey): number | undefined {
    if (key.name === backgroundCopy) {
      const end = recordedCopyEnd(this.#scenario.exchanges, key.resource);
      const now = (this.#azure.clock.now() - this.#scenario.startedAt) / 1000;
      return end === undefined ? undefined : Math.max(0, end - now);
    }
    return this.#duration && fitted(this.#duration, secondsFor(key, undefined));
  }

  /** What started the operation that is polled; for a write, the write itself. */
  #startedBy(exchange: Exchange, target: Target): Started | undefined {
    if (target.operation !== undefined) return this.#started.get(target.operation);
    if (exchange.method === 'GET') return undefined;
    const started = { method: exchange.method, target };
    const operation = operationIn(exchange.headers);
    if (operation !== undefined) this.#started.set(operation, started);
    return started;
  }

  async #send(exchange: Exchange): Promise<{ response: Response; body: unknown }> {
    if (exchange.status >= 500) this.#foretell(exchange);
    const { pathname, search } = exchange.url;
    const url = this.#azure.endpoint + this.#aliases.applied(pathname + search);
    const body =
      exchange.body === undefined
        ? undefined
        : this.#aliases.applied(JSON.stringify(exchange.body));
    const headers = { 'content-type': 'application/json' };
    const init = { method: exchange.method, headers, ...(body === undefined ? {} : { body }) };
    const response = await this.#azure.fetch(new Request(url, init));
    return { response, body: parsed(await response.text()) };
  }

  /** A failure of Azure's own machinery happens only when a fault rule says so. */
  #foretell({ status, answer, headers }: Exchange): void {
    const cause = headers.get('x-ms-failure-cause');
    this.#azure.faults.add({
      match: { path: '**' },
      fate: {
        status,
        body: answer === undefined ? '' : (answer as Json),
        ...(cause === undefined ? {} : { headers: { 'x-ms-failure-cause': cause } }),
      },
    });
  }

  #judge(exchange: Exchange, subject: Target, differences: Difference[], isSeeded: boolean): void {
    const { method, url, index } = exchange;
    const name = `#${index} ${method} ${url.pathname.split('/').slice(-2).join('/')}`;
    const found = differences.map((difference) => ({
      exchange: name,
      difference,
      reason: explanationOf(difference, { subject, exchange }),
    }));
    this.#findings.push(...found);
    const isExplained = found.every(({ reason }) => reason !== undefined);
    const lacks = (name: string): boolean =>
      differences.some(({ where, local }) => where === name && local === 'absent');
    if (isExplained && lacks('azure-asyncoperation')) {
      const operation = operationIn(exchange.headers);
      if (operation !== undefined) this.#notBegun.add(operation);
    }
    const verdict = verdictOf(found, isSeeded, exchange.status >= 500);
    this.#tally[verdict]++;
    this.#verdicts.push(verdict);
    if (!/\/(galleries|disks|snapshots|virtualmachines)(\/|$)/i.test(subject.type)) return;
    this.#core.all++;
    if (verdict === 'matched') this.#core.matched++;
  }
}

/** A poll of an operation whose beginning the recording leaves out. */
const unknownStart: Difference = {
  kind: 'start',
  where: 'operation',
  recorded: 'begun before or beside the recording',
  local: 'not sent',
};

/** A poll of an operation that the local Azure had a reason not to begin. */
const notBegun: Difference = {
  kind: 'start',
  where: 'its start',
  recorded: 'an operation',
  local: 'none',
};

function verdictOf(found: readonly Finding[], isSeeded: boolean, isForetold: boolean): Verdict {
  if (found.some(({ reason }) => reason === undefined)) return 'unexplained';
  if (found.length > 0 || isForetold) return 'explained';
  return isSeeded ? 'seeded' : 'matched';
}

function statusDifference(recorded: number, local: number): Difference[] {
  if (recorded === local) return [];
  return [{ kind: 'status', where: 'status', recorded: String(recorded), local: String(local) }];
}

function retryAfterDifference(
  started: Started | undefined,
  target: Target,
  response: Response,
  body: unknown,
): Difference[] {
  if (started === undefined) return [];
  if (target.operation === undefined) return checkFirst(started, response.status, response.headers);
  return checkPoll(started, body, response.headers);
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Every resource group that a request names, and those that the body of a request refers to that was
 * not refused: in a recording they are there.
 */
function groupsOf(scenario: Scenario): string[] {
  const groups = new Map<string, string>();
  for (const { url, body, status } of scenario.exchanges) {
    const sent = status < 400 ? (JSON.stringify(body) ?? '') : '';
    for (const [id] of `${url.pathname}\n${sent}`.matchAll(groupId))
      groups.set(id.toLowerCase(), groups.get(id.toLowerCase()) ?? id);
  }
  return [...groups.values()];
}

const groupId = /\/subscriptions\/[^/"\s]+\/resourceGroups\/[^/"\s]+/gi;
