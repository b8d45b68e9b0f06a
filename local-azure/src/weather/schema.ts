/** What a weather document must be, as a JSON schema, and the mistakes in one that is not. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { armError } from '../errors.ts';
import { requireFate } from '../faults.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { AnswerRule, WeatherDocument } from './document.ts';

const text = { type: 'string', minLength: 1, maxLength: 4096 } as const;
const globs = { type: 'array', items: text, minItems: 1 } as const;
/** A year: more is no weather. */
const seconds = { type: 'number', minimum: 0, maximum: 31_536_000 } as const;
const count = { type: 'integer', minimum: 0 } as const;

const closed = (properties: JsonObject, required: string[] = [], more: JsonObject = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
  ...more,
});
const list = (items: JsonObject) => ({ type: 'array', items });

/** An answer rule does at least one of these. */
const EFFECTS = ['delaySeconds', 'fate', 'replaceBody', 'nextLink', 'pollUrl'];

/** A console rule says at least one of these. */
const CONSOLE = ['lagSeconds', 'lostSeconds', 'writesHang'];

const match = closed({ method: text, path: text }, ['path']);
const odds = {
  match,
  probability: { type: 'number', minimum: 0, maximum: 1 },
  after: count,
  times: count,
};
const moment = { afterSeconds: seconds, on: match };
const url = { type: 'string', pattern: '^(\\{origin\\}|https?://)' };
const error = {
  type: 'object',
  required: ['code', 'message'],
  properties: { code: text, message: { type: 'string' } },
};
const value = { type: 'string', maxLength: 256 };
type PolicyMember = 'tag' | 'value';
const policy = (effects: string[], members: PolicyMember[], required = members) =>
  closed(
    {
      types: globs,
      effect: { enum: effects },
      ...(members.includes('tag') && { tag: text }),
      ...(members.includes('value') && { value }),
    },
    ['effect', ...required],
  );

/** The schema, for `GET /_local/weather/schema` and editors. */
export const WEATHER_SCHEMA = closed({
  seed: count,
  policies: list({
    type: 'object',
    discriminator: { propertyName: 'effect' },
    required: ['effect'],
    oneOf: [
      policy(['add', 'replace', 'replaceExisting'], ['tag', 'value']),
      policy(['remove'], ['tag']),
      policy(['deny'], ['tag'], []),
    ],
  }),
  tagTools: list(
    closed({ types: globs, tags: text, keep: globs, afterSeconds: seconds }, [
      'tags',
      'afterSeconds',
    ]),
  ),
  staleReads: list(closed({ ...odds, types: globs, seconds }, ['seconds'])),
  answers: list(
    closed(
      {
        ...odds,
        delaySeconds: seconds,
        fate: { type: 'object' },
        replaceBody: {
          enum: ['empty', 'html', 'truncated', 'null', 'object', 'list', 'endless'],
        },
        nextLink: url,
        pollUrl: url,
      },
      [],
      {
        anyOf: EFFECTS.map((name) => ({ required: [name] })),
      },
    ),
  ),
  operations: list(
    closed(
      {
        ...odds,
        end: {
          anyOf: [
            { enum: ['never', 'Canceled', 'OperationPreempted', 'InternalExecutionError'] },
            closed({ status: { enum: ['Failed', 'Canceled'] }, error }, ['status', 'error']),
          ],
        },
      },
      ['end'],
    ),
  ),
  console: list(
    closed(
      { vm: text, lagSeconds: seconds, lostSeconds: seconds, writesHang: { type: 'boolean' } },
      [],
      { anyOf: CONSOLE.map((name) => ({ required: [name] })) },
    ),
  ),
  silentAgents: list(closed({ ...moment, vm: text, forSeconds: seconds }, ['vm'])),
  replacements: list(
    closed(
      { ...moment, vm: text, tags: { type: 'object', additionalProperties: { type: 'string' } } },
      ['vm'],
    ),
  ),
});

let compiled: ValidateFunction<WeatherDocument> | undefined;

/** Compiled when the first document is checked: that takes half as long as all else at the start. */
const weatherCheck = (): ValidateFunction<WeatherDocument> => {
  compiled ??= new Ajv({ allErrors: true, discriminator: true }).compile(WEATHER_SCHEMA);
  return compiled;
};

/** A weather file's text, understood; throws `ArmError` 400 with every mistake in it. */
export function parseWeather(content: string): WeatherDocument {
  let value: Json;
  try {
    value = JSON.parse(content) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw armError(400, 'InvalidWeather', `The weather is not JSON: ${reason}`);
  }
  return checkWeather(value);
}

/** The same for a document that is an object already. */
export function checkWeather(value: unknown): WeatherDocument {
  const isWeather = weatherCheck();
  const mistakes = isWeather(value) ? fateMistakes(value) : shown(isWeather.errors ?? []);
  if (mistakes.length === 0) return value as WeatherDocument;
  throw armError(400, 'InvalidWeather', `The weather has mistakes:\n${mistakes.join('\n')}`, {
    details: mistakes.map((message) => ({ code: 'InvalidWeather', message })),
  });
}

/** What a fate must be, fault rules know. */
function fateMistakes({ answers = [] }: WeatherDocument): string[] {
  return answers.flatMap(({ fate }: AnswerRule, index) => {
    if (fate === undefined) return [];
    try {
      requireFate(fate as Json);
      return [];
    } catch (error) {
      return [`answers/${index}/fate: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** One line each; of alternatives that all failed, what each of them wants in one line. */
function shown(errors: readonly ErrorObject[]): string[] {
  const lines = errors
    .filter(({ keyword }) => !/^(anyOf|oneOf)$/.test(keyword))
    .map(({ instancePath, message, params, schemaPath }) => {
      const place = instancePath.replace(/^\//, '') || 'the document';
      if (/anyOf\/\d+\/required$/.test(schemaPath))
        return `${place} must have one of ${(place.startsWith('console') ? CONSOLE : EFFECTS).join(', ')}`;
      const extra = isObject(params) ? (params.additionalProperty ?? params.allowedValues) : '';
      const named = extra === undefined || extra === '' ? '' : `: ${[extra].flat().join(', ')}`;
      return `${place} ${message}${named}`;
    });
  return [...new Set(lines)];
}
