import { suggestion } from '../../domain/closest.ts';
import type { Operation } from '../../domain/request.ts';
import { Problem, shorten } from './row.ts';
import { INPUTS, type InputName, isInput, rowOf, type Value } from './table.ts';

/** Where inputs come from. */
export interface InputSource {
  /** Gets an input's text as GitHub hands it over. */
  readonly get: (name: string) => string;
  /** Names of inputs that were given, declared in action.yml or not. */
  readonly given: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the Azure CLI has a session on this runner. */
  readonly azSession: () => boolean;
  readonly now: Date;
}

/** What is wrong with the inputs, or with one beside others. */
export interface Mistake {
  readonly sentence: string;
  /** Something is not given: no mistake where it may only have been withheld. */
  readonly missing: boolean;
}

/**
 * Reads inputs by their rows and remembers every mistake, so that all of them can be told at once.
 * Empty and blank mean "not given", as an unset variable in a workflow makes them.
 */
export class InputReader {
  readonly #source: InputSource;
  /** Inputs whose text could not be read. */
  readonly #wrong = new Set<string>();
  /** What is wrong, each once, in the order in which it was found. */
  readonly mistakes: Mistake[] = [];

  constructor(source: InputSource) {
    this.#source = source;
  }

  /** The input's text without the space around it; `undefined` when not given. */
  text(name: InputName): string | undefined {
    return this.#source.get(name).trim() || undefined;
  }

  /** What was given, read; `undefined` when nothing was, or it is wrong and remembered. */
  given<N extends InputName>(name: N): Value<N> | undefined {
    return this.#wrong.has(name) ? undefined : this.#parse(name, this.#textFor(name));
  }

  /** The same, or else what its variable or its default says. */
  value<N extends InputName>(
    name: N,
  ): Value<N> | ((typeof INPUTS)[N] extends { readonly default: string } ? never : undefined);
  value<N extends InputName>(name: N): Value<N> | undefined {
    const { variable, default: standard } = rowOf(name);
    const given = this.given(name);
    if (given !== undefined) return given;
    const set = variable && !this.text(name) ? this.#source.env[variable]?.trim() : undefined;
    if (set) return this.#parse(name, set, ` (from ${variable})`);
    return standard === undefined ? undefined : this.#parse(name, standard);
  }

  /** What must be given; when it is not, what to give is remembered. */
  required<N extends InputName>(name: N): Value<N> | undefined {
    const value = this.value(name);
    const { variable, give } = rowOf(name);
    if (value === undefined && !this.#wrong.has(name))
      this.missing(
        `\`${name}\` is not given${variable ? `, and ${variable} is not set` : ''}. Give ${give}.`,
      );
    return value;
  }

  /** Reads everything that was given, and judges each of it beside the other inputs. */
  checkAll(): void {
    const operation = this.value('operation');
    this.#refuseUnused(operation);
    const has = (name: string) => this.text(known(name)) !== undefined;
    for (const name of Object.keys(INPUTS).filter(isInput)) {
      if (!has(name) || !rowOf(name).operations.includes(operation)) continue;
      this.given(name);
      for (const check of rowOf(name).checks ?? []) {
        const asked: string[] = [];
        const value = (other: string) => {
          asked.push(other);
          return this.value(known(other));
        };
        const said = check({ name, operation, has, value });
        if (said && !asked.some((other) => this.#wrong.has(other))) this.mistake(said);
      }
    }
  }

  mistake(sentence: string, missing = false): void {
    if (this.mistakes.some((noted) => noted.sentence === sentence)) return;
    this.mistakes.push({ sentence, missing });
  }

  /** The mistake of not giving something. */
  missing(sentence: string): void {
    this.mistake(sentence, true);
  }

  /** Where indentation counts, only blank lines around the text are cut off. */
  #textFor(name: InputName): string | undefined {
    if (!rowOf(name).indented) return this.text(name);
    const text = this.#source.get(name).replace(/^(?:[^\S\n]*\n)+/, '');
    return text.trimEnd() || undefined;
  }

  #parse<N extends InputName>(name: N, text: string | undefined, from = ''): Value<N> | undefined {
    if (text === undefined) return undefined;
    const parsed = rowOf(name).parse(text, this.#source.now);
    if (!(parsed instanceof Problem)) return parsed as Value<N>;
    this.#wrong.add(name);
    this.mistake(ended(`\`${name}\` is "${shorten(text)}"${from}, ${parsed.text}`));
    return undefined;
  }

  /**
   * GitHub only warns of an input that action.yml does not declare, and runs. An input that promises
   * safety and is not there yet must not be ignored.
   */
  #refuseUnused(operation: Operation): void {
    for (const name of this.#source.given) {
      if (!this.#source.get(name).trim()) continue;
      if (!isInput(name))
        this.mistake(
          `\`${shorten(name)}\` is not an input of this version of the action.${suggestion(name, Object.keys(INPUTS)) || ' Remove it, or look for its name in `docs/inputs.md`.'}`,
        );
      else if (!rowOf(name).operations.includes(operation))
        this.mistake(`\`${name}\` has no meaning for the operation ${operation}. Remove it.`);
    }
  }
}

function known(name: string): InputName {
  if (!isInput(name)) throw new Error(`A check asks for \`${name}\`, which is no input`);
  return name;
}

/** A sentence with its end; a question has one. */
const ended = (sentence: string): string => (sentence.endsWith('?') ? sentence : `${sentence}.`);
