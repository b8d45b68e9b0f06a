/** `after-capture: delete`, ended at any request: nothing else is touched, and what is left is named. */

import type { HttpClient } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { objectAt } from '../../local-azure/src/json.ts';
import { slice } from '../runner/slice.ts';
import { capture, fakeClock, localAzure, RETURNS, type Run } from './harness.ts';
import { addPublicIp } from './public-ip.ts';
import { storedVersionId } from './stored-version.ts';

const request = { afterCapture: 'delete' } as const;

/** A run that is cancelled when it sends this request after the first that is about delete options. */
async function endedAt(azure: LocalAzure, last = -1): Promise<{ run: Run; sent: number }> {
  const end = new AbortController();
  const way = inProcessHttpClient(azure);
  let sent = 0;
  const httpClient: HttpClient = {
    sendRequest: (each) => {
      const isOption = each.method === 'PUT' && each.url.includes('/networkInterfaces/');
      if (sent > 0 || isOption) sent++;
      if (sent === last) end.abort(new Error('The run was cancelled.'));
      return way.sendRequest(each);
    },
  };
  return { run: await capture(azure, { request, httpClient, signal: end.signal }), sent };
}

const there = (azure: LocalAzure) => {
  azure.settle();
  const all = azure.world.all().filter(({ id }) => !id.includes('/galleries/'));
  return {
    own: all.filter(({ id }) => id.includes('/build-linux')).map(({ name }) => name),
    others: all.filter(({ id }) => !id.includes('/build-linux')).map(({ id }) => id),
  };
};

describe.each(['accepted', 'refused'] as const)('delete options are %s', (patchOfGeneralizedVm) => {
  const stage = () => {
    const azure = localAzure({ unknowns: { patchOfGeneralizedVm } });
    addPublicIp(azure);
    return azure;
  };

  test('a run that ends at any request leaves nothing unnamed, and touches nothing else', async () => {
    using _clock = fakeClock();
    const { sent } = await endedAt(stage());
    expect(sent).toBeGreaterThan(8);
    const remaining: string[] = [];
    for (const last of slice(
      Array.from({ length: sent }, (_, index) => index + 1),
      4,
    )) {
      const azure = stage();
      const { others } = there(azure);
      const { run } = await endedAt(azure, last);
      const left = there(azure);
      expect(left.others).toEqual(others);
      const again = await capture(azure, { request });
      expect(again.failure).toBeUndefined();
      expect(there(azure).others).toEqual(others);
      // The plan names all that belongs to the VM; these say what does not go with it.
      const told = [...run.heard.lines, ...run.heard.warnings]
        .filter((line) => /deletes after it|this was left/.test(line))
        .join('\n');
      for (const name of there(azure).own) expect(told).toContain(name);
      remaining.push(...there(azure).own);
    }
    // Where one request deletes all of it, nothing is left.
    expect(remaining.length > 0).toBe(patchOfGeneralizedVm === 'refused');
  });
});

test.each([
  ['the VM', {}, request],
  ['old disks', RETURNS, { ...RETURNS, oldDisks: 'delete' }],
] as const)(
  '%s of a version that is gone right before are not deleted: it is made again',
  async (_, first, then) => {
    using _clock = fakeClock();
    const azure = localAzure();
    expect((await capture(azure, { request: first })).failure).toBeUndefined();
    const way = inProcessHttpClient(azure);
    const version = storedVersionId(azure);
    let isGone = false;
    const httpClient: HttpClient = {
      sendRequest: async (each) => {
        const answer = await way.sendRequest(each);
        const isLastLook = each.method === 'GET' && each.url.includes(`${version}?`);
        if (isLastLook && !isGone) isGone = azure.world.delete(version);
        return answer;
      },
    };
    const { failure, heard } = await capture(azure, { request: then, httpClient });
    expect(failure).toBeUndefined();
    expect(heard.warnings.join()).toContain('is gone, or not complete any more');
    expect(azure.world.get(version)).toBeDefined();
  },
);

test('a re-run after a kill tells by its snapshots which disks are left', async () => {
  using _clock = fakeClock();
  const azure = localAzure();
  const asked = { ...request, snapshot: true };
  azure.faults.add({
    match: { method: 'DELETE', path: '**/disks/*' },
    times: 99,
    fate: { reset: true },
  });
  await capture(azure, { request: asked });
  azure.faults.clear();
  const { failure, wrote, heard } = await capture(azure, { request: asked });
  expect([failure, wrote]).toEqual([undefined, false]);
  expect(heard.findings).toMatchObject([{ rule: 'vm-disks-left' }]);
  for (const name of ['build-linux_OsDisk', 'build-linux_DataDisk_0'])
    expect(heard.findings[0]?.message).toContain(`\`${name}\``);
  // Another disk of that name is nothing that the VM has left.
  const os = azure.world.all().find(({ id }) => id.endsWith('/disks/build-linux_OsDisk'));
  Object.assign(os?.properties ?? {}, { uniqueId: 'another' });
  const then = await capture(azure, { request: asked });
  expect(then.heard.findings).toMatchObject([{ rule: 'vm-disks-left' }]);
  expect(then.heard.findings[0]?.message).not.toContain('build-linux_OsDisk');
  const error = { code: 'AuthorizationFailed', message: 'No.' };
  const match = { method: 'GET', path: '**/disks/*' };
  azure.faults.add({ match, times: 99, fate: { status: 403, body: { error } } });
  const unread = await capture(azure, { request: asked });
  expect([unread.failure, unread.heard.findings]).toEqual([undefined, []]);
  azure.faults.clear();
  for (const { id, properties } of azure.world.all())
    if (id.includes('/snapshots/')) delete objectAt(properties, 'creationData').sourceResourceId;
  const hidden = await capture(azure, { request: asked });
  expect([hidden.failure, hidden.heard.findings]).toEqual([undefined, []]);
});

test('old disks stay when another VM has taken the place of the one that came back', async () => {
  using _clock = fakeClock();
  const on = { method: 'PUT', path: '**/versions/1.0.0' };
  const azure = localAzure({
    weather: { replacements: [{ vm: 'build-linux', on, afterSeconds: 300 }] },
  });
  const { failure, heard } = await capture(azure, { request: { ...RETURNS, oldDisks: 'delete' } });
  expect(failure).toBeUndefined();
  expect(heard.warnings.join()).toContain('the VM is another one now');
  const left = azure.world.all().map(({ name }) => name);
  expect(left).toEqual(expect.arrayContaining(['build-linux_OsDisk', 'build-linux_DataDisk_0']));
});
