/** A weather document: everything that goes wrong during a whole run, by itself and repeatably. */
import type { ErrorBody } from '../errors.ts';
import type { Fault } from '../faults.ts';
import type { Json } from '../json.ts';

/** Which requests: a method, `*`, `write` or `read` (of ARM), and a glob of the path. */
export interface RequestMatch {
  readonly method?: string;
  readonly path: string;
}

/** How often a rule applies to the requests that it matches. */
export interface Odds {
  /** All requests to ARM when left out. */
  readonly match?: RequestMatch;
  /** From 0 to 1; 1 when left out. */
  readonly probability?: number;
  /** How many matching requests pass unharmed first; 0 when left out. */
  readonly after?: number;
  /** How many it applies to at most; no limit when left out. */
  readonly times?: number;
}

/** What Azure Policy does with writes of resources of these types. */
export interface PolicyRule {
  /** Globs of resource types; any type when left out. */
  readonly types?: readonly string[];
  /**
   * `add` only where the tag is missing, `replace` always or where it is there, as `modify` of Azure
   * Policy does; `remove` drops all tags that match; `deny` refuses the write; if it
   * names a tag, only a write that leaves the resource without that tag.
   */
  readonly effect: 'add' | 'replace' | 'replaceExisting' | 'remove' | 'deny';
  /** The tag's name; for `remove` a glob of names. */
  readonly tag?: string;
  readonly value?: string;
}

/** A governance tool that takes tags from what exists. */
export interface TagTool {
  readonly types?: readonly string[];
  /** Glob of the names it takes away. */
  readonly tags: string;
  /** Globs of names that it leaves. */
  readonly keep?: readonly string[];
  /** Emulated seconds from each write to its visit. */
  readonly afterSeconds: number;
}

/** Reads that show the state of some seconds ago. */
export interface StaleReads extends Odds {
  readonly types?: readonly string[];
  readonly seconds: number;
}

/** What is sent in the place of an answer's body. */
export type Spoilt = 'empty' | 'html' | 'truncated' | 'null' | 'object' | 'list' | 'endless';

/** What happens to requests and their answers. */
export interface AnswerRule extends Odds {
  /** Emulated seconds before the request is looked at. */
  readonly delaySeconds?: number;
  /** As `then` of a fault rule. */
  readonly fate?: Fault;
  /** The answer's status stays, its body is replaced. */
  readonly replaceBody?: Spoilt;
  /** The next link that a list gets; `{origin}` stands for the local Azure itself. */
  readonly nextLink?: string;
  /** Where the first answer of an operation sends its client to poll. */
  readonly pollUrl?: string;
}

/** How operations end that matching requests start. */
export interface OperationRule extends Odds {
  readonly end:
    | 'never'
    | 'Canceled'
    | 'OperationPreempted'
    | 'InternalExecutionError'
    | { readonly status: 'Failed' | 'Canceled'; readonly error: ErrorBody };
}

/** When something happens: so long after the weather was set, or after a request came in. */
export interface Moment {
  readonly afterSeconds?: number;
  /** The first request that matches; it is answered after what happens at once. */
  readonly on?: RequestMatch;
}

/** A guest agent that falls silent. */
export interface SilentAgent extends Moment {
  /** Glob of VM names. */
  readonly vm: string;
  /** For good when left out. */
  readonly forSeconds?: number;
}

/** A VM in whose place somebody puts another of the same name. */
export interface Replacement extends Moment {
  readonly vm: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What boot diagnostics make of the serial consoles of VMs. */
export interface ConsoleWeather {
  /** Glob of VM names; every VM when left out. */
  readonly vm?: string;
  /** Seconds until the log shows what a guest writes; 15 when left out. */
  readonly lagSeconds?: number;
  /** What a guest writes in so many seconds before it goes off never shows. */
  readonly lostSeconds?: number;
  /** In a Linux guest, writing to the console takes all the time that `timeout` gives it. */
  readonly writesHang?: boolean;
}

/** The whole of it; every part may be left out. */
export interface WeatherDocument {
  /** Of all probabilities; 1 when left out. */
  readonly seed?: number;
  readonly policies?: readonly PolicyRule[];
  readonly tagTools?: readonly TagTool[];
  readonly staleReads?: readonly StaleReads[];
  readonly answers?: readonly AnswerRule[];
  readonly operations?: readonly OperationRule[];
  readonly console?: readonly ConsoleWeather[];
  readonly silentAgents?: readonly SilentAgent[];
  readonly replacements?: readonly Replacement[];
}

/** Reads as the document does, for whoever wants to see what is in force. */
export const asJson = (document: WeatherDocument): Json => structuredClone(document) as Json;
