import { expect } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { setPower } from '../../local-azure/src/vm/instance-view.ts';
import type { Resource } from '../../local-azure/src/world.ts';
import { buildVm, capture, localAzure, type Run, type RunOptions } from './harness.ts';

/** Resolves after some emulated seconds. */
export const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Azure's answer to whoever lacks a right. */
export const NO_RIGHT = {
  status: 403,
  body: { error: { code: 'AuthorizationFailed', message: 'No.' } },
} as const;

/** The build VM, after somebody has stopped it. */
export function stopped(azure: LocalAzure): Resource {
  const vm = azure.world.get(buildVm(azure));
  if (!vm) throw new Error('The VM is gone.');
  setPower(vm, 'deallocated', azure.clock.now());
  return vm;
}

/** Azure fails the first request for a version: as a whole, or in one region only. */
export function failOnce(azure: LocalAzure, where: 'everywhere' | 'northeurope', times = 1): void {
  azure.faults.add({
    match: { method: 'PUT', path: '**/versions/*' },
    times,
    fate:
      where === 'everywhere'
        ? { operation: { status: 'Failed', error: { code: 'X', message: 'Broken.' } } }
        : { region: { name: where, state: 'Failed', details: 'No room.' } },
  });
}

/** The VM deleted and built again under its name. */
export async function rebuildVm(azure: LocalAzure): Promise<void> {
  const headers = { authorization: `Bearer ${azure.accessToken()}` };
  const url = `${azure.endpoint}${buildVm(azure)}?api-version=2024-07-01`;
  await azure.fetch(new Request(url, { method: 'DELETE', headers }));
  await wait(120);
  azure.settle();
  const fresh = localAzure();
  for (const resource of fresh.world.all())
    if (resource.id.includes('build-linux')) {
      const copy = structuredClone(resource);
      if (copy.properties.vmId) copy.properties.vmId = '99999999-3333-4444-5555-666666666666';
      azure.world.put(copy);
    }
}

/** The number of the version that a run speaks of. */
export const number = ({ heard }: Run): string | undefined =>
  heard.known?.version.split('/').at(-1);

/** The rules that stop a run. */
export const rules = ({ heard }: Run): string[] =>
  heard.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);

/** A run that succeeds. */
export async function well(run: Promise<Run>): Promise<Run> {
  const done = await run;
  if (done.failure) throw done.failure;
  return done;
}

/** A run that ends in the midst of it, as a cancelled one does. */
export async function interrupted(
  azure: LocalAzure,
  afterSeconds: number,
  options: RunOptions = {},
) {
  const end = new AbortController();
  setTimeout(() => end.abort(new Error('cancelled')), afterSeconds * 1000);
  const run = await capture(azure, { ...options, signal: end.signal });
  expect(run.failure).toBeDefined();
}

/** A request for the first number of this major version. */
export const exactly = (major: number) => ({
  version: { choose: 'exactly' as const, number: { major, minor: 0, patch: 0 } },
  requestedVersion: `${major}.0.0`,
});
