import { Failure } from '../../domain/failure.ts';
import { type Parsed, shorten } from './fields.ts';

/** Gets an input's text as GitHub hands it over. */
export type GetInput = (name: string) => string;

/** Where inputs come from. */
export interface InputSource {
  readonly get: GetInput;
  /** Names of inputs that were given, declared in action.yml or not. */
  readonly given: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the Azure CLI has a session on this runner. */
  readonly azSession: () => boolean;
  readonly now: Date;
}

/**
 * Reads inputs one by one and remembers every mistake, so that all of them can be told at once.
 * Empty and blank mean "not given", as an unset variable in a workflow makes them.
 */
export class InputReader {
  readonly #get: GetInput;
  /** Inputs whose text could not be read. */
  readonly #wrong = new Set<string>();
  readonly #mistakes: { readonly sentence: string; readonly missing: boolean }[] = [];

  constructor(get: GetInput) {
    this.#get = get;
  }

  /** The input's text without the space around it; `undefined` when not given. */
  text(name: string): string | undefined {
    return this.#get(name).trim() || undefined;
  }

  /** The same for a text whose indentation matters: only blank lines around it are cut off. */
  block(name: string): string | undefined {
    return (
      this.#get(name)
        .replace(/^(?:[^\S\n]*\n)+/, '')
        .trimEnd() || undefined
    );
  }

  /** The input's value by its parser; `undefined` when not given, or wrong and remembered. */
  optional<T>(
    name: string,
    parse: (text: string) => Parsed<T>,
    text = this.text(name),
  ): T | undefined {
    if (text === undefined) return undefined;
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    this.mistake(ended(`\`${name}\` is "${shorten(text)}", ${parsed.problem}`));
    this.#wrong.add(name);
    return undefined;
  }

  /** Whether the input was given and read, or not given: what is wrong is told once, not again by what depends on it. */
  isWell(name: string): boolean {
    return !this.#wrong.has(name);
  }

  /** A text that must be given; when it is not, what to give is remembered. */
  required(name: string, example: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) this.missing(`\`${name}\` is not given. Give ${example}.`);
    return text;
  }

  mistake(sentence: string): void {
    this.#note(sentence, false);
  }

  /** The mistake of not giving something. */
  missing(sentence: string): void {
    this.#note(sentence, true);
  }

  #note(sentence: string, missing: boolean): void {
    if (this.#mistakes.some((noted) => noted.sentence === sentence)) return;
    this.#mistakes.push({ sentence, missing });
  }

  /**
   * Throws one `Failure` that lists every mistake, if there is any.
   *
   * @param forgiveMissing where what is not there may only have been withheld
   */
  finish(forgiveMissing = false): void {
    const told = this.#mistakes.filter(({ missing }) => !(missing && forgiveMissing));
    const mistakes = told.map(({ sentence }) => sentence);
    if (mistakes.length === 0) return;
    throw new Failure({
      kind: 'input',
      what:
        mistakes.length === 1
          ? (mistakes[0] ?? '')
          : `${mistakes.length} inputs need attention:\n${mistakes.map((text) => `- ${text}`).join('\n')}`,
      remedy: 'Nothing was changed in Azure. The README describes every input.',
    });
  }
}

/** A sentence with its end; a question has one. */
const ended = (sentence: string): string => (sentence.endsWith('?') ? sentence : `${sentence}.`);
