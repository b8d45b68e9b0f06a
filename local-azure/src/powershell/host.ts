/** What a script can reach outside of itself. */
import type { Running, ScriptBlock, Value } from './values.ts';

/** One call of a command. */
export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  /** By lower-case name; a switch is `true`. */
  readonly named: ReadonlyMap<string, Value>;
  readonly input: readonly Value[];
  readonly out: (value: Value) => void;
  /** Runs a script block with `$_`. */
  readonly invoke: (block: ScriptBlock, item: Value) => Running<Value>;
}

export type Command = (call: Call) => Running<void> | void;

/** What a script can reach outside of itself. */
export interface Host {
  /** A command by its lower-case name. */
  command(name: string): Command | undefined;
  /** `[type]::member`, called or read; undefined when there is none. */
  staticMember(type: string, member: string): Value;
  readonly variables: Readonly<Record<string, Value>>;
  readonly environment: Readonly<Record<string, string>>;
}
