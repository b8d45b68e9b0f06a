import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { slice } from '../runner/slice.ts';
import { capture, fakeClock, localAzure, ofWindows } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const PATHS = {
  'taking a snapshot': ['PUT', '**/snapshots/*'],
  'tagging the VM': ['PATCH', '**/virtualMachines/*'],
  'scheduling the deprovision': ['POST', '**/runCommand'],
  deallocating: ['POST', '**/deallocate'],
  generalizing: ['POST', '**/generalize'],
  'creating the version': ['PUT', '**/versions/*'],
  'reading the version': ['GET', '**/versions/*'],
  'polling an operation': ['GET', '**/operations/*'],
  'polling a disk operation': ['GET', '**/DiskOperations/*'],
  'reading the VM': ['GET', '**/virtualMachines/*'],
} as const;

const FAULTS = {
  'a connection cut before it took effect': { reset: true },
  'a connection cut after it took effect': { loseResponse: true },
  'an answer that never comes': { hang: true },
  '429 without Retry-After': { status: 429 },
  '429 with Retry-After': { status: 429, headers: { 'retry-after': '7' } },
  '503 with an empty body': { status: 503, body: '' },
  '502': { status: 502 },
} as const;

/** What only the capture of a Windows VM asks for. */
const WINDOWS_PATHS = {
  'starting the run command': ['PUT', '**/runCommands/*'],
  'listening to it': ['GET', '**/runCommands/*'],
  'deleting it': ['DELETE', '**/runCommands/*'],
  'tagging the VM': ['PATCH', '**/virtualMachines/*'],
} as const;

const casesOf = (paths: Readonly<Record<string, readonly [string, string]>>) =>
  Object.entries(paths).flatMap(([doing, [method, path]]) =>
    Object.entries(FAULTS).map(([what, then]) => [doing, what, method, path, then] as const),
  );

describe('a capture outlives, at any request,', () => {
  it.each(slice(casesOf(PATHS), 3))('while %s: %s', async (_doing, _what, method, path, fate) => {
    const azure = localAzure();
    azure.faults.add({ match: { method, path }, fate });
    const run = await capture(azure, { request: { snapshot: true } });
    expect(azure.faults.hits).toBe(1);
    expect(run.failure).toBeUndefined();
    expect(versions(azure)).toEqual(['1.0.0']);
    expect(run.heard.replication).toMatchObject([{ state: 'Completed' }]);
  });

  it.each(slice(casesOf(WINDOWS_PATHS), 3, 1))(
    'of a Windows VM, while %s: %s',
    async (_doing, _what, method, path, fate) => {
      const azure = localAzure();
      azure.faults.add({ match: { method, path }, fate });
      const run = await capture(azure, { request: ofWindows(azure) });
      expect(azure.faults.hits).toBe(1);
      expect(run.failure).toBeUndefined();
      expect(versions(azure)).toEqual(['1.0.0']);
      expect(azure.world.all().filter(({ id }) => id.includes('/runCommands/'))).toEqual([]);
    },
  );
});

const versions = (azure: LocalAzure): string[] => {
  azure.settle();
  return azure.world
    .all()
    .filter(({ type }) => type === 'Microsoft.Compute/galleries/images/versions')
    .map(({ name }) => name ?? '');
};
