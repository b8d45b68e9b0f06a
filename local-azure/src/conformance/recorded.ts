/** The recorded format: what a file must be to be played. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

export interface RecordedInteraction {
  readonly i?: number;
  readonly t: number;
  readonly date?: string | null;
  readonly cmd?: string | null;
  readonly request: { readonly method: string; readonly uri: string; readonly body?: unknown };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string | readonly string[]>> | null;
    readonly body?: unknown;
  };
}

const text = { type: 'string' };
const schema = {
  type: 'object',
  required: ['interactions'],
  properties: {
    interactions: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['t', 'request', 'response'],
        properties: {
          i: { type: 'integer' },
          // Below zero where one answer was dated before another that was asked for first.
          t: { type: 'number' },
          date: { type: 'string', format: 'time', nullable: true },
          cmd: { type: 'string', nullable: true },
          request: {
            type: 'object',
            required: ['method', 'uri'],
            properties: {
              method: { type: 'string', pattern: '^[A-Za-z]+$' },
              uri: { type: 'string', format: 'url' },
            },
          },
          response: {
            type: 'object',
            required: ['status'],
            properties: {
              status: { type: 'integer', minimum: 200, maximum: 599 },
              headers: {
                type: 'object',
                nullable: true,
                additionalProperties: { anyOf: [text, { type: 'array', items: text }] },
              },
            },
          },
        },
      },
    },
  },
};

const ajv = new Ajv({
  formats: {
    time: (value: string) => !Number.isNaN(Date.parse(value)),
    url: (value: string) => URL.canParse(value),
  },
});
const isRecording = ajv.compile<{ interactions: RecordedInteraction[] }>(schema);

/**
 * The interactions of a file; undefined for a table beside scenarios, which says neither that it is
 * one (`label`) nor has any.
 *
 * @throws what is wrong with it, for its reader
 */
export function readRecorded(file: string, mayBeTable: boolean): RecordedInteraction[] | undefined {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  if (isRecording(content)) return content.interactions;
  const isScenario =
    typeof content === 'object' &&
    content !== null &&
    ['interactions', 'label'].some((name) => name in content);
  if (mayBeTable && !isScenario) return undefined;
  const [problem] = isRecording.errors ?? [];
  const where = problem?.instancePath.slice(1).replaceAll('/', '.') || 'the file';
  throw new Error(`${where} ${problem?.message}`);
}
