import { Ajv2020 } from 'ajv/dist/2020.js';
import { read } from './documents.ts';

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  JSON.parse(read('docs/manifest.schema.json')),
);

/** Where a manifest does not fit its published schema. */
export function manifestProblems(manifest: unknown): string[] {
  validate(JSON.parse(JSON.stringify(manifest)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}
