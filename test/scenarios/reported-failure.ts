import { expect } from 'vitest';
import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import { objectAt } from '../../local-azure/src/json.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { capture, definitionId, type Run } from './harness.ts';

export const HOUR = 3600;
export const TWO = { regions: [{ name: 'westeurope' }, { name: 'northeurope' }] };

export async function well(run: Promise<Run>): Promise<Run> {
  const done = await run;
  if (done.failure) throw done.failure;
  return done;
}

export const rules = ({ heard }: Run): string[] =>
  heard.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
export const versionId = (azure: LocalAzure): string => `${definitionId(azure)}/versions/1.0.0`;

export function profileOf(azure: LocalAzure) {
  azure.settle();
  return objectAt(azure.world.get(versionId(azure))?.properties, 'publishingProfile');
}

export const named = (azure: LocalAzure, part: string): number => {
  azure.settle();
  return azure.world.all().filter(({ id }) => id.includes(part)).length;
};

export const replicatingFor = (hours: number): LocalAzureOptions => ({
  authentication: true,
  tokenSeconds: HOUR,
  assertionSeconds: 300,
  durations: ({ name }) =>
    name.startsWith('PUT galleries/images/versions') ? hours * HOUR : undefined,
});

export function change(
  azure: LocalAzure,
  id: string,
  to: (properties: Record<string, unknown>) => void,
) {
  const found = azure.world.get(id);
  if (!found) throw new Error(`The default world has no ${id}`);
  to(found.properties);
}

/** Refused by this rule, with nothing written and a remedy. */
export async function refusedBy(
  rule: string,
  azure: LocalAzure,
  request: Partial<CaptureRequest> = {},
) {
  const run = await capture(azure, { request });
  expect(rules(run)).toContain(rule);
  expect(run.wrote).toBe(false);
  expect(run.heard.findings.find((found) => found.rule === rule)?.remedy).toBeTruthy();
}
