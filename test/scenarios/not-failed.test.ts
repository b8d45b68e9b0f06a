/** A version of the run's own that some read shows as failed, though a region holds it, is not deleted. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { JsonObject } from '../../local-azure/src/json.ts';
import { capture, fakeClock, localAzure } from './harness.ts';
import { storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const FAILED = { region: 'West Europe', state: 'Failed', progress: 0 };

/** Lets so many reads of the version show it as failed, with this status of its replication. */
function showFailed(azure: LocalAzure, times: number, replicationStatus?: JsonObject): void {
  const version = azure.world.get(storedVersionId(azure));
  const properties = { ...version?.properties, provisioningState: 'Failed', replicationStatus };
  const fate = { status: 200, body: { ...version, properties } };
  const path = '**/ubuntu-2404/versions/1.0.0';
  azure.faults.add({ match: { method: 'GET', path }, times, fate });
}

const deletions = (azure: LocalAzure) =>
  azure.requests.all().filter(({ method }) => method === 'DELETE');

it('when one read is stale, the run looks again and finds nothing to do', async () => {
  const azure = localAzure();
  expect((await capture(azure)).failure).toBeUndefined();
  showFailed(azure, 1, { aggregatedState: 'Failed', summary: [FAILED] });
  const again = await capture(azure);
  expect(again.failure).toBeUndefined();
  expect(again.heard.warnings.join()).toContain('1.0.0 is not failed any more');
  expect(again.wrote).toBe(false);
});

it('when Azure does not show where it is, the run stops', async () => {
  const azure = localAzure();
  expect((await capture(azure)).failure).toBeUndefined();
  showFailed(azure, 1000);
  const again = await capture(azure);
  expect(again.failure?.message).toContain('does not show whether a region has it');
  expect(again.wrote).toBe(false);
});

it('when the status of its replication contradicts itself, it is read again', async () => {
  const azure = localAzure();
  expect((await capture(azure)).failure).toBeUndefined();
  showFailed(azure, 3, { aggregatedState: 'Completed' });
  const again = await capture(azure);
  expect(again.failure).toBeUndefined();
  expect(deletions(azure)).toEqual([]);
});
