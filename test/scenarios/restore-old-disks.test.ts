/** `old-disks: delete` of a restore, while others act or Azure's reads are stale. */
import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { summaryOf } from '../../src/github/summary.ts';
import { changeVm } from './changed-vm.ts';
import { fakeClock, localAzure, restore } from './harness.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

it('old disks stay when another VM takes the place of the restored one', async () => {
  const azure = localAzure();
  await changeVm(azure, 'deprovision');
  const on = { method: 'POST', path: '**/start' };
  azure.weather.set({ replacements: [{ vm: 'build-linux', on, afterSeconds: 1 }] });
  const { failure } = await restore(azure, { oldDisks: 'delete' });
  expect(failure?.message).toContain('is another VM now');
  expect(azure.requests.all().filter(({ method }) => method === 'DELETE')).toEqual([]);
});

it('old disks that only the second look proves are deleted, and not said to stay', async () => {
  const azure = localAzure();
  await changeVm(azure, 'deprovision');
  const way = inProcessHttpClient(azure);
  const path = '**/snapshots/build-linux-*';
  let isOn = false;
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      if (request.url.includes('/start?') && !isOn) {
        isOn = true;
        azure.faults.add({ match: { method: 'GET', path }, times: 2, fate: { status: 404 } });
      }
      return way.sendRequest(request);
    },
  };
  const { failure, heard, record } = await restore(azure, { oldDisks: 'delete' }, { httpClient });
  expect(failure).toBeUndefined();
  expect(heard.warnings.join()).toContain('was not deleted');
  const left = azure.world.all().map(({ name }) => name);
  expect(left).not.toContain('build-linux_OsDisk');
  expect(left).not.toContain('build-linux_DataDisk_0');
  expect(summaryOf(record)).not.toContain('Not deleted');
});
