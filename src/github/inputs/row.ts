import { closest } from '../../domain/closest.ts';
import { MOST_REPLICAS, STORAGE_ACCOUNT_TYPES } from '../../domain/regions.ts';
import type { Operation } from '../../domain/request.ts';
import { formatResourceId, parseResourceId, type ResourceId } from '../../domain/resource-id.ts';
import { SCRIPT_LIMIT_BYTES } from '../../run/guest/run-command.ts';

/**
 * All there is to say of an input. From its row follow how it is read, which operations refuse it,
 * its entry in `action.yml` and its documentation.
 */
export interface Row {
  /** The operations that use it; any other refuses it. */
  readonly operations: readonly Operation[];
  /** Its text, trimmed and not empty, as a value; or a `Problem`. `now` is UTC. */
  readonly parse: (text: string, now: Date) => unknown;
  /** Full sentences: what it means, what can be written. */
  readonly about: string;
  /** What it means not to give it, as a user would write it. */
  readonly default?: string;
  /** The environment variable that counts when it is not given. */
  readonly variable?: string;
  /** Completes "Default: …" where `default` and `variable` do not say all of it. */
  readonly otherwise?: string;
  /** A value, as a user would write it, or Markdown with one. */
  readonly example?: string;
  /** Completes "Required …". */
  readonly required?: string;
  /** Completes "Not needed when …". */
  readonly unless?: string;
  /** Completes "Give …" in the message that it is missing. */
  readonly give?: string;
  /** The default that GitHub itself fills in; only where that differs in nothing from not given. */
  readonly filledIn?: string;
  /** Whether its indentation counts, as in YAML. */
  readonly indented?: true;
  readonly checks?: readonly Check[];
}

/** One group of rows, by the names of the inputs. */
export type Rows = Readonly<Record<string, Row>>;

/**
 * What can be wrong with an input that is given beside others: the whole sentences of a mistake, or
 * `false`.
 * Nothing is told when one of the values that it looks at is wrong itself.
 */
export type Check = (inputs: {
  /** Of the input itself. */
  readonly name: string;
  readonly operation: Operation;
  /** Whether an input was given, whatever it says. */
  readonly has: (name: string) => boolean;
  /** An input's value or its default; `undefined` without both. */
  readonly value: (name: string) => unknown;
}) => string | false;

/** What is wrong with an input's text, in words that complete "`input` is "…", …". */
export class Problem {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A text that any reader takes. */
export const parseAnything = (text: string) => text;

/** What all rows have in common that ask whether something is to be. */
export const FLAG = {
  parse(text: string): boolean | Problem {
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text)) return false;
    return new Problem('which is neither true nor false');
  },
  default: 'false',
} as const;

/** A parser of one of these words, in any case. */
export const parseChoice =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): T | Problem =>
    choices.find((choice) => choice.toLowerCase() === text.toLowerCase()) ??
    new Problem(`which is not one of ${choices.join(', ')}${didYouMean(text, choices)}`);

/** The end of a mistake that names the closest choice; empty when none is close. */
export function didYouMean(text: string, choices: readonly string[]): string {
  const near = closest(text, choices);
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
}

/** A script for the guest, as far as a Run Command has room for it. */
export function parseScript(text: string): string | Problem {
  const bytes = Buffer.byteLength(text);
  return bytes <= SCRIPT_LIMIT_BYTES
    ? text
    : new Problem(
        `which has ${bytes} bytes, more than the ${SCRIPT_LIMIT_BYTES} that fit into a Run Command: put it into the image in the build, and call it here`,
      );
}

/** A parser of a whole number from 1 to this one. */
export const parseCount =
  (most: number) =>
  (text: string): number | Problem => {
    const count = /^\d+$/.test(text.trim()) ? Number(text) : 0;
    return count >= 1 && count <= most
      ? count
      : new Problem(`which is not a whole number from 1 to ${most}`);
  };

export const parseReplicaCount = parseCount(MOST_REPLICAS);

export const parseStorage = parseChoice(...STORAGE_ACCOUNT_TYPES);

/** A positive number, fractions allowed, in seconds; `scale` is the seconds in its unit. */
export const parseDuration =
  (scale: number, most: number) =>
  (text: string): number | Problem => {
    const amount = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(amount > 0)) return new Problem('which is not a positive number');
    return amount <= most ? amount * scale : new Problem(`which is more than ${most}`);
  };

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A subscription, tenant or client ID, in lower case. */
export const parseGuid = (text: string): string | Problem =>
  GUID.test(text)
    ? text.toLowerCase()
    : new Problem('which is not a GUID such as 00000000-0000-0000-0000-000000000000');

/** A name that Azure allows a resource group. */
export const parseGroup = (text: string): string | Problem =>
  /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u.test(text)
    ? text
    : new Problem(
        'which no resource group can be called: letters, digits, dots, dashes, underscores and parentheses, 90 at most, not ending with a dot',
      );

/** The resource ID of one type of resource, with that type in Azure's own casing. */
export const parseId =
  (type: string) =>
  (text: string): ResourceId | Problem => {
    const id = parseResourceId(text);
    if (id && id.type.toLowerCase() !== type.toLowerCase())
      return new Problem(`which is the ID of a ${id.type}, not of a ${type}`);
    if (id && GUID.test(id.subscriptionId)) return { ...id, type };
    const names = type.split('/').slice(1);
    const shape = formatResourceId({
      subscriptionId: '<subscription>',
      resourceGroup: '<group>',
      type,
      names: names.map(() => '<name>'),
    });
    return new Problem(`which is neither a name nor a resource ID of the form ${shape}`);
  };

/** An input as a message quotes it: short, and on one line. */
export function shorten(text: string): string {
  const lines = text.slice(0, 1000).split(/[\r\n]+/);
  const line = lines.map((each) => each.trim()).join('⏎');
  return line.length > 80 ? `${line.slice(0, 77)}…` : line;
}

/** The parts of a list, without the space around them; empty ones are none. */
export const partsOf = (text: string, between: RegExp): string[] =>
  text
    .split(between)
    .map((part) => part.trim())
    .filter(Boolean);
