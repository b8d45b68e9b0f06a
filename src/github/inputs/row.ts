import type { Operation } from '../../domain/request.ts';
import type { Parsed } from './parse.ts';

/**
 * All there is to say of an input. From its row follow how it is read, which operations refuse it,
 * its entry in `action.yml` and its documentation.
 */
export interface Row {
  /** The operations that use it; any other refuses it. */
  readonly operations: readonly Operation[];
  /** Reads its text, trimmed and not empty. `now` is UTC. */
  readonly parse: (text: string, now: Date) => Parsed<unknown>;
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
 * What can be wrong with an input beside others: the whole sentences of a mistake, or `false`.
 * Nothing is told when one of the values that it looks at is wrong itself.
 */
export type Check = (inputs: Given) => string | false;

/** What a check sees. */
export interface Given {
  readonly operation: Operation;
  /** Whether an input was given, whatever it says. */
  readonly has: (name: string) => boolean;
  /** An input's value or its default; `undefined` without both. */
  readonly value: (name: string) => unknown;
}
