import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import type { Tags } from '../../src/domain/tags.ts';
import { recordTags } from '../../src/domain/verification.ts';
import { sleep } from '../../src/run/wait.ts';
import { writesAmong } from '../runner/control.ts';
import {
  definitionId,
  fakeClock,
  localAzure,
  promote,
  verifyIt,
  verifySettings,
} from './harness.ts';
import { leftOf, putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

function stored(excludeFromLatest = true): LocalAzure {
  const azure = localAzure();
  putVersion(azure, [{ name: 'West Europe' }]);
  const version = azure.world.get(storedVersionId(azure));
  objectAt(version, 'properties', 'publishingProfile').excludeFromLatest = excludeFromLatest;
  const from = azure.world.get(definitionId(azure));
  const id = definitionId(azure, 'released');
  const identifier = { publisher: 'contoso', offer: 'released', sku: 'released' };
  azure.world.put(
    asResource({
      id,
      location: 'westeurope',
      properties: { ...structuredClone(from?.properties ?? {}), identifier },
    }),
  );
  return azure;
}

const shown = (azure: LocalAzure, id = storedVersionId(azure)) => {
  azure.settle();
  const version = azure.world.get(id);
  const profile = objectAt(version, 'properties', 'publishingProfile');
  return {
    excluded: profile.excludeFromLatest,
    record: ((version?.tags ?? {}) as Tags)['golden-image-verification'] ?? '',
  };
};

const copyId = (azure: LocalAzure) => `${definitionId(azure, 'released')}/versions/1.0.0`;

it('says on the throw-away VM of a copy which job made it, not which made its source', async () => {
  const azure = stored();
  const source = azure.world.get(storedVersionId(azure));
  if (source) source.tags = { 'golden-image-job': 'build' };
  const way = inProcessHttpClient(azure);
  const jobs: unknown[] = [];
  const httpClient: HttpClient = {
    sendRequest: (each) => {
      if (each.method === 'PUT' && each.url.includes('/virtualMachines/'))
        jobs.push(JSON.parse(String(each.body)).tags['golden-image-job']);
      return way.sendRequest(each);
    },
  };
  const asked = { destination: definitionId(azure, 'released'), verify: verifySettings(azure) };
  const { failure } = await promote(azure, asked, { runId: '1', job: 'release', httpClient });
  expect([failure, jobs]).toEqual([undefined, ['release']]);
});

describe('a version that is promoted where it is', () => {
  it('boots before the first write to it, then enters latest with its record', async () => {
    const azure = stored();
    const asked = { excludeFromLatest: false, verify: verifySettings(azure, { script: 'exit 0' }) };
    const { failure, told, heard } = await promote(azure, asked);
    expect(failure).toBeUndefined();
    expect(heard.started.slice(0, 2)).toEqual(['verify', 'delete']);
    expect(told.outputs.get('verified')).toBe('true');
    expect(shown(azure)).toEqual({ excluded: false, record: expect.stringMatching(/^passed /) });
    azure.requests.clear();
    const again = await promote(azure, asked);
    expect(again.failure).toBeUndefined();
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('is told as verified where its record says so, and is not booted again', async () => {
    const azure = stored();
    await verifyIt(azure);
    const asked = { excludeFromLatest: false, requireVerified: true as const };
    const { failure, told, heard } = await promote(azure, asked);
    expect(failure).toBeUndefined();
    expect(heard.started).not.toContain('verify');
    expect(told.outputs.get('verified')).toBe('true');
    expect(shown(azure).excluded).toBe(false);
  });

  it('stays in latest, and as it is, when it fails', async () => {
    const azure = stored(false);
    const { failure, told } = await promote(azure, {
      regions: [{ name: 'eastus2' }],
      verify: verifySettings(azure, { script: 'exit 9', onFailure: 'delete' }),
    });
    expect(failure?.message).toContain('exit code 9');
    expect(failure?.remedy).toContain('stays in `latest`. To take it out');
    expect(told.outputs.get('verified')).toBe('false');
    expect(shown(azure)).toEqual({ excluded: false, record: expect.stringMatching(/^failed /) });
    const version = azure.world.get(storedVersionId(azure));
    expect(objectAt(version, 'properties', 'publishingProfile').targetRegions).toHaveLength(1);
    expect(leftOf(azure)).toEqual([]);
  });

  it('is not told to be out of latest when a verification of it fails there', async () => {
    const inside = await verifyIt(stored(false), { script: 'exit 9' });
    expect(inside.failure?.remedy).toContain('stays in `latest`. To take it out');
    expect(inside.failure?.paste?.text).toContain('exclude-from-latest: true');
    const outside = await verifyIt(stored(), { script: 'exit 9' });
    expect(outside.failure?.remedy).toContain('does not put the version into `latest`');
  });

  it.each([true, false])(
    'is told to be in latest by what its region says itself: excluded is %s',
    async (excludeFromLatest) => {
      const azure = stored(!excludeFromLatest);
      const version = azure.world.get(storedVersionId(azure));
      const [region] = objectsAt(version?.properties, 'publishingProfile', 'targetRegions');
      Object.assign(region ?? {}, { excludeFromLatest });
      const { failure } = await verifyIt(azure, { script: 'exit 9' });
      expect(failure?.remedy).toContain(excludeFromLatest ? 'does not put' : 'stays in `latest`');
    },
  );
});

describe('a copy', () => {
  it('is booted itself, and enters latest last; it does not inherit the record', async () => {
    const azure = stored();
    await verifyIt(azure);
    expect(shown(azure).record).toMatch(/^passed /);
    const plain = await promote(azure, { destination: definitionId(azure, 'released') });
    expect(plain.failure).toBeUndefined();
    expect(shown(azure, copyId(azure)).record).toBe('');
    const { failure } = await promote(azure, {
      destination: definitionId(azure, 'released'),
      version: { choose: 'exactly', number: { major: 2, minor: 0, patch: 0 } },
      requestedVersion: '2.0.0',
      excludeFromLatest: false,
      regions: [{ name: 'westeurope' }, { name: 'eastus2' }],
      verify: verifySettings(azure, { script: 'exit 0' }),
    });
    expect(failure).toBeUndefined();
    const id = copyId(azure).replace('1.0.0', '2.0.0');
    expect(shown(azure, id)).toEqual({
      excluded: false,
      record: expect.stringMatching(/^passed /),
    });
    expect(leftOf(azure)).toEqual([]);
  });

  it('that exists is booted before it enters latest, whatever its tags say', async () => {
    const azure = stored();
    const asked = { destination: definitionId(azure, 'released') };
    await promote(azure, asked, { runId: '1' });
    azure.settle();
    const copy = azure.world.get(copyId(azure));
    if (!copy) throw new Error('There is no copy');
    const { publishedDate } = objectAt(copy, 'properties', 'publishingProfile');
    const made = { sourceId: storedVersionId(azure), published: new Date(String(publishedDate)) };
    const came = { passed: true, vmSize: 'any', region: 'any' };
    const forged = recordTags({ id: copy.id, ...made }, undefined, came);
    copy.tags = { ...(copy.tags as Tags), ...forged };
    const entering = { ...asked, excludeFromLatest: false, verify: verifySettings(azure) };
    const { failure, heard } = await promote(azure, entering, { runId: '2' });
    expect(failure).toBeUndefined();
    expect(heard.started).toContain('verify');
    expect(shown(azure, copy.id).excluded).toBe(false);
    expect((await promote(azure, entering, { runId: '3' })).wrote).toBe(false);
  });

  it.each(['keep', 'delete'] as const)('that fails stays out of latest: %s', async (onFailure) => {
    const azure = stored();
    const { failure, told } = await promote(azure, {
      destination: definitionId(azure, 'released'),
      excludeFromLatest: false,
      verify: verifySettings(azure, { script: 'exit 9', onFailure }),
    });
    expect(failure?.message).toContain('exit code 9');
    expect(told.outputs.get('state')).toBe('failed');
    azure.settle();
    if (onFailure === 'delete') expect(azure.world.get(copyId(azure))).toBeUndefined();
    else
      expect(shown(azure, copyId(azure))).toEqual({
        excluded: true,
        record: expect.stringMatching(/^failed /),
      });
  });
});

it('takes no copy for one of a version that was made later under the same number', async () => {
  const azure = stored();
  const asked = { destination: definitionId(azure, 'released'), excludeFromLatest: false };
  expect((await promote(azure, asked, { runId: '1' })).failure).toBeUndefined();
  await sleep(3600);
  azure.world.delete(storedVersionId(azure));
  putVersion(azure, [{ name: 'West Europe' }], new Date().toISOString());
  const { heard, failure, wrote } = await promote(azure, asked, { runId: '2' });
  expect([heard.findings.map(({ rule }) => rule), wrote]).toEqual([['version-taken'], false]);
  expect(failure?.message).toContain('which is newer');
  const next = { version: { choose: 'next', part: 'patch' }, requestedVersion: 'auto' } as const;
  const { told } = await promote(azure, { ...asked, ...next }, { runId: '3' });
  expect(told.outputs.get('image-version-id')).toMatch(/\/1\.0\.1$/);
});

describe('a promotion that requires a verification', () => {
  it('refuses a version without one, and takes it once it has passed', async () => {
    const azure = stored();
    const asked = { excludeFromLatest: false, requireVerified: true as const };
    const refused = await promote(azure, asked);
    expect(refused.heard.findings).toMatchObject([{ rule: 'source-not-verified' }, {}]);
    expect(refused.wrote).toBe(false);
    await verifyIt(azure);
    expect((await promote(azure, asked)).failure).toBeUndefined();
  });
});
