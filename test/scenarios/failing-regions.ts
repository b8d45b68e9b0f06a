/** Versions of the default world, regions of which fail. */
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { DEFAULT_UNKNOWNS, OTHER_WAY } from '../../local-azure/src/unknowns.ts';
import { remembered } from '../../src/domain/removed-regions.ts';
import { capture, definitionId, localAzure, type Run } from './harness.ts';

const versionId = (azure: LocalAzure) => `${definitionId(azure)}/versions/1.0.0`;
export const WAYS = [
  ['by default', DEFAULT_UNKNOWNS],
  ['the other way round', OTHER_WAY],
] as const;

/** The next so many requests for the version fail in one region. */
export const fails = (azure: LocalAzure, times: number, name = 'northeurope') =>
  azure.faults.add({
    match: { method: 'PUT', path: '**/versions/*' },
    times,
    fate: { region: { name, state: 'Failed', details: 'No capacity there.' } },
  });

const NORTH = {
  name: 'northeurope',
  replicas: 3,
  storageAccountType: 'Premium_LRS',
} as const;
export const regions = [{ name: 'westeurope', replicas: 2 }, NORTH];
export const request = { regions, repairRegions: true };

/** The version as Azure keeps it. */
export function stored(azure: LocalAzure) {
  azure.settle();
  const version = azure.world.get(versionId(azure));
  const profile = objectAt(version?.properties, 'publishingProfile');
  return {
    state: objectAt(version, 'properties').provisioningState,
    tags: objectAt(version, 'tags') as Record<string, string>,
    safety: objectAt(version?.properties, 'safetyProfile'),
    profile,
    regions: objectsAt(profile, 'targetRegions'),
  };
}

export const names = (azure: LocalAzure): unknown[] =>
  stored(azure).regions.map(({ name }) => name);

/** The regions of each request that changed the version, and what its tags remember. */
export const sent = (azure: LocalAzure) =>
  azure.requests
    .all()
    .filter(
      ({ method, path, status }) => method === 'PUT' && path === versionId(azure) && status < 300,
    )
    .map(({ body }) => ({
      regions: objectsAt(body, 'properties', 'publishingProfile', 'targetRegions').map(({ name }) =>
        String(name).toLowerCase().replace(' ', ''),
      ),
      remembered: remembered(objectAt(body, 'tags') as Record<string, string>).map(
        ({ name }) => name,
      ),
    }));

/** A run that has to end well. */
export async function well(run: Promise<Run>): Promise<Run> {
  const done = await run;
  if (done.failure) throw done.failure;
  return done;
}

/** A version that is complete in two regions, the second with more than the action knows of. */
export async function released(options = {}): Promise<LocalAzure> {
  const azure = localAzure(options);
  await well(capture(azure, { request: { regions }, runId: 'build' }));
  await new Promise((done) => setTimeout(done, 3_600_000));
  const [, north] = stored(azure).regions;
  if (!north) throw new Error('There should be two regions');
  north.excludeFromLatest = true;
  north.additionalReplicaSets = [{ storageAccountType: 'Premium_LRS', regionalReplicaCount: 2 }];
  azure.requests.clear();
  return azure;
}

export const TO_FIVE = [{ name: 'northeurope', replicas: 5 }];

/** Whether a request is for the version itself. */
export const isOf = (azure: LocalAzure, { url }: PipelineRequest): boolean =>
  new URL(url).pathname === versionId(azure);
