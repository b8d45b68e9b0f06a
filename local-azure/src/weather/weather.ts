/** The weather: what goes wrong by itself during a whole run, as a document says and a seed decides. */
import type { ArmRequest, Reply } from '../arm.ts';
import { type Fault, isArmPath } from '../faults.ts';
import { withBody, withNextLink, withPollUrl } from './answers.ts';
import { Chance, fitsGlob } from './chance.ts';
import type { AnswerRule, ConsoleWeather, OperationRule, WeatherDocument } from './document.ts';
import { Happenings, type Surroundings } from './happenings.ts';
import { underPolicies } from './policies.ts';
import { checkWeather } from './schema.ts';
import { StaleReads } from './stale-reads.ts';
import { TagTools } from './tag-tools.ts';

/** What the weather does with one request. */
export interface Gust {
  readonly delaySeconds: number;
  readonly fault: Fault | undefined;
  /** The answer as the client is to get it. */
  readonly change: (response: Response, request: Request) => Promise<Response>;
}

/** Everything that a document sets going. */
interface InForce {
  readonly document: WeatherDocument;
  readonly answers: readonly { readonly rule: AnswerRule; readonly chance: Chance }[];
  readonly operations: readonly { readonly rule: OperationRule; readonly chance: Chance }[];
  readonly stale: StaleReads;
  readonly tagTools: TagTools;
  readonly happenings: Happenings;
}

/** What an ended operation says (iss: terraform-provider-azurerm and azure-cli, in many threads). */
const ENDS = {
  Canceled: { status: 'Canceled', error: { code: 'Canceled', message: 'Operation was canceled.' } },
  OperationPreempted: {
    status: 'Canceled',
    error: {
      code: 'OperationPreempted',
      message: 'Operation execution has been preempted by a more recent operation.',
    },
  },
  InternalExecutionError: {
    status: 'Failed',
    error: {
      code: 'InternalExecutionError',
      message: 'An internal execution error occurred. Please retry later.',
    },
  },
} as const;

/** Fair until a document is set. */
export class Weather {
  readonly #parts: Surroundings;
  readonly #mayBeSlow: boolean;
  #inForce: InForce;

  /** @param mayBeSlow whether reads can be stale for a moment in any weather */
  constructor(parts: Surroundings, document?: WeatherDocument, mayBeSlow = false) {
    this.#parts = parts;
    this.#mayBeSlow = mayBeSlow;
    this.#inForce = this.#made(document === undefined ? {} : checkWeather(document));
  }

  /** The document in force. */
  get document(): WeatherDocument {
    return this.#inForce.document;
  }

  /** Puts a document in the place of the one in force; throws `ArmError` 400 for a wrong one. */
  set(document: WeatherDocument): void {
    const next = this.#made(checkWeather(document));
    this.#callOff();
    this.#inForce = next;
    this.arm();
  }

  clear(): void {
    this.set({});
  }

  /** Plans what is to happen by the clock, counted from now. */
  arm(): void {
    this.#callOff();
    this.#inForce.tagTools.arm();
    this.#inForce.happenings.arm();
  }

  /** What this request meets; counts it as seen. */
  meet(method: string, path: string): Gust {
    const { answers, operations, happenings } = this.#inForce;
    happenings.met(method, path);
    const due = answers.filter(({ chance }) => chance.applies(method, path));
    const rules = due.map(({ rule }) => rule);
    const isWrite = isArmPath(path) && method !== 'GET' && method !== 'HEAD';
    const ending = operations.filter(({ chance }) => isWrite && chance.applies(method, path))[0];
    return {
      delaySeconds: Math.max(0, ...rules.map(({ delaySeconds = 0 }) => delaySeconds)),
      fault: rules.find(({ fate }) => fate)?.fate ?? (ending && faultOf(ending.rule)),
      change: (response, request) => changed(response, request, rules),
    };
  }

  /** The body of a write as the provider gets it. */
  rewritten(request: { method: string; path: string; text: string }): string {
    return underPolicies(this.#inForce.document.policies ?? [], request);
  }

  /** Lets a handler answer; reads may see an old state, writes are noted. */
  async handled(request: ArmRequest, handle: () => Reply | Promise<Reply>): Promise<Reply> {
    const { stale, tagTools } = this.#inForce;
    const { method, id } = request;
    if (method === 'GET') return stale.during({ method, path: id }, handle);
    const wrote = stale.beforeWrite(id);
    const reply = await handle();
    if (reply.status < 400) {
      wrote();
      tagTools.written(id);
    }
    return reply;
  }

  /** Whether the agent of this VM says nothing at the moment. */
  isSilent(vm: string): boolean {
    return this.#inForce.happenings.isSilent(vm);
  }

  /** What befalls the serial console of this VM; of rules that say the same, the first counts. */
  consoleOf(vm: string): ConsoleWeather {
    const { console: rules = [] } = this.document;
    const name = vm.split('/').at(-1) ?? '';
    const fitting = rules.filter((rule) =>
      fitsGlob(rule.vm === undefined ? undefined : [rule.vm])(name),
    );
    return Object.assign({}, ...fitting.toReversed());
  }

  #callOff(): void {
    this.#inForce.tagTools.callOff();
    this.#inForce.happenings.callOff();
  }

  #made(document: WeatherDocument): InForce {
    const { world, timeline } = this.#parts;
    const seed = String(document.seed ?? 1);
    const { answers = [], operations = [], staleReads = [], tagTools = [] } = document;
    return {
      document,
      answers: answers.map((rule, index) => ({
        rule,
        chance: new Chance(rule, `${seed} answer ${index}`),
      })),
      operations: operations.map((rule, index) => ({
        rule,
        chance: new Chance(rule, `${seed} operation ${index}`),
      })),
      stale: new StaleReads(world, timeline, staleReads, { seed, mayBeSlow: this.#mayBeSlow }),
      tagTools: new TagTools(world, timeline, tagTools),
      happenings: new Happenings(this.#parts, document),
    };
  }
}

function faultOf({ end }: OperationRule): Fault {
  if (end === 'never') return { operation: { status: 'InProgress' } };
  return { operation: typeof end === 'string' ? ENDS[end] : end };
}

async function changed(
  response: Response,
  request: Request,
  rules: readonly AnswerRule[],
): Promise<Response> {
  const { origin } = new URL(request.url);
  const here = (url: string) => url.replace('{origin}', origin);
  let result = response;
  for (const { nextLink, pollUrl, replaceBody } of rules) {
    if (nextLink !== undefined) result = await withNextLink(result, here(nextLink));
    if (pollUrl !== undefined) result = withPollUrl(result, here(pollUrl));
    if (replaceBody !== undefined) result = await withBody(result, replaceBody, request);
  }
  return result;
}
