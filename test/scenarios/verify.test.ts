import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure, LocalAzureOptions } from '../../local-azure/src/azure.ts';
import type { Tags } from '../../src/domain/tags.ts';
import { verdictOf } from '../../src/github/verdict.ts';
import { writesAmong } from '../runner/control.ts';
import { fails, regions } from './failing-regions.ts';
import { capture, fakeClock, localAzure, verifyIt } from './harness.ts';
import { leftOf, putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const HOME = { name: 'West Europe' };

const stored = (options: LocalAzureOptions = {}): LocalAzure => {
  const azure = localAzure(options);
  putVersion(azure, [HOME]);
  return azure;
};

const tagsOf = (azure: LocalAzure): Tags => {
  azure.settle();
  return (azure.world.get(storedVersionId(azure))?.tags ?? {}) as Tags;
};

describe('verifying a version that exists', () => {
  it('boots it, runs the script, records that it passed, and leaves nothing', async () => {
    const azure = stored();
    const { failure, heard, told, seconds } = await verifyIt(azure, { script: 'echo fine' });
    expect(failure).toBeUndefined();
    // The first change of the version takes 150 of them, and the record follows at once.
    expect(seconds).toBeLessThan(175);
    expect(heard.started).toEqual(['update', 'verify', 'delete', 'update']);
    expect(heard.verification).toMatchObject({
      passed: true,
      exitCode: 0,
      vmSize: 'Standard_D2s_v5',
      region: 'westeurope',
    });
    expect(heard.lines).toContain('guest: fine');
    expect(told.outputs.get('verified')).toBe('true');
    expect(told.outputs.get('state')).toBe('succeeded');
    expect(leftOf(azure)).toEqual([]);
    expect(tagsOf(azure)['golden-image-verification']).toMatch(/^passed /);
    expect(tagsOf(azure)).toMatchObject({ team: 'images' });
  });

  it.each(['exit 0', 'exit 3'])(
    'leaves nothing whose tags a policy rewrites: %s',
    async (script) => {
      const policy = {
        effect: 'replaceExisting',
        tag: 'golden-image-verify-vm',
        value: 'x',
      } as const;
      const azure = stored({ weather: { policies: [policy] } });
      const { told } = await verifyIt(azure, { script });
      expect(told.outputs.get('verified')).toBe(String(script === 'exit 0'));
      expect(leftOf(azure)).toEqual([]);
    },
  );

  it('reuses what was recorded, and writes nothing', async () => {
    const azure = stored();
    await verifyIt(azure, { script: 'echo fine' });
    azure.requests.clear();
    const again = await verifyIt(azure, { script: 'echo fine' });
    expect(again.failure).toBeUndefined();
    expect(again.told.outputs.get('verified')).toBe('true');
    expect(verdictOf(again.record).more).toMatch(/^Verified by an earlier run: boot /);
    expect(writesAmong(azure.requests.all())).toEqual([]);
  });

  it('tells a script that failed, with its exit code and the end of its output', async () => {
    const azure = stored();
    const { failure, told } = await verifyIt(azure, { script: 'echo broken >&2\nexit 3' });
    expect(failure?.message).toContain('exit code 3');
    expect(failure?.message).toContain('broken');
    expect(told.outputs.get('verified')).toBe('false');
    expect(told.outputs.get('state')).toBe('failed');
    expect(leftOf(azure)).toEqual([]);
    expect(tagsOf(azure)['golden-image-verification']).toMatch(/^failed /);
  });

  it('records what it found where a region of the version fails again at once', async () => {
    const isOfVersion = ({ name }: { readonly name: string }) => name.includes('images/versions');
    const azure = localAzure({ durations: (key) => (isOfVersion(key) ? 5 : undefined) });
    fails(azure, 99);
    await capture(azure, { request: { regions, waitFor: 'none' } });
    await new Promise((done) => setTimeout(done, 600_000));
    const { failure, heard } = await verifyIt(azure);
    expect(failure).toBeUndefined();
    expect(heard.started).toEqual(['update', 'verify', 'delete', 'update']);
    expect(tagsOf(azure)['golden-image-verification']).toMatch(/^passed /);
  });
});
