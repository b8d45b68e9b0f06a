/**
 * Azure's own schemas of request bodies, for tests: what the action or anything else wrote is held
 * against them. They are reference material; where it is missing there is nothing to check.
 */

import { Ajv, type ValidateFunction } from 'ajv';
import { parseId } from '../src/arm-id.ts';
import { isObject, type Json, type JsonObject } from '../src/json.ts';
import type { RecordedRequest } from '../src/requests.ts';
import { reference, referenceJson, referenceNames } from './reference.ts';

const FOLDER = 'specs/request-schemas';

/** Whether the schemas are at hand. */
export const hasSchemas = reference(FOLDER) !== undefined;

let validators: Map<string, ValidateFunction> | undefined;

/**
 * What is wrong with the accepted PUT and PATCH bodies among `requests`, one line each: members and
 * values that Azure's schema of the resource type does not have. Types without a schema pass.
 */
export function schemaProblems(requests: readonly RecordedRequest[]): string[] {
  if (!hasSchemas) return [];
  validators ??= compile();
  const known = validators;
  return requests.flatMap((request) => {
    const isWrite = request.method === 'PUT' || request.method === 'PATCH';
    if (!isWrite || request.status >= 300 || !isObject(request.body)) return [];
    const validate = known.get(parseId(request.path).type.toLowerCase());
    if (validate === undefined || validate(request.body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${request.method} ${request.path}: ${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
  });
}

/** Validators by resource type in lower case; newer files replace what older ones say of a type. */
function compile(): Map<string, ValidateFunction> {
  const found = new Map<string, ValidateFunction>();
  for (const file of referenceNames(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const schema = strict(referenceJson(`${FOLDER}/${file}`) as JsonObject);
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    ajv.addSchema({ ...schema, $id: file }, file);
    const namespace = file.split('.').slice(0, 2).join('.');
    for (const name of Object.keys(
      isObject(schema.resourceDefinitions) ? schema.resourceDefinitions : {},
    )) {
      const type = `${namespace}/${name.replaceAll('_', '/')}`.toLowerCase();
      found.set(type, ajv.compile({ $ref: `${file}#/resourceDefinitions/${name}` }));
    }
  }
  return found;
}

/** Keywords whose value is a map of schemas, and whose value is a list of them. */
const maps = ['properties', 'definitions', 'resourceDefinitions'];
const lists = ['oneOf', 'anyOf', 'allOf'];

/**
 * The files are schemas of templates. Of a request body nothing is required (a PATCH has parts
 * only), it holds no template expressions, and what is not listed is not allowed. What a file takes
 * from elsewhere is not looked into.
 */
function strict(schema: JsonObject): JsonObject {
  if (isElsewhere(schema.$ref)) return {};
  const made: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (['required', '$schema', 'id', 'pattern'].includes(keyword)) continue;
    if (maps.includes(keyword) && isObject(value)) made[keyword] = eachOf(value);
    else if (lists.includes(keyword) && Array.isArray(value)) {
      made[keyword === 'oneOf' ? 'anyOf' : keyword] = value
        .filter(isObject)
        .filter(({ $ref }) => !isExpression($ref))
        .map(strict);
    } else if (keyword === 'items' && isObject(value)) made.items = strict(value);
    else made[keyword] = value;
  }
  const isClosed = made.type === 'object' && isObject(made.properties);
  if (isClosed && made.additionalProperties === undefined) made.additionalProperties = false;
  return made;
}

function eachOf(schemas: JsonObject): JsonObject {
  const entries = Object.entries(schemas).map(([name, each]): [string, Json] => [
    name,
    isObject(each) ? strict(each) : {},
  ]);
  return Object.fromEntries(entries);
}

function isExpression(reference: Json | undefined): boolean {
  return typeof reference === 'string' && reference.endsWith('#/definitions/expression');
}

function isElsewhere(reference: Json | undefined): boolean {
  return typeof reference === 'string' && reference.startsWith('https://');
}
