import { type HttpClient, RestError } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { objectsAt } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { awaitIt, buildVm, capture, definitionId, fakeClock, localAzure } from './harness.ts';
import { addPublicIp } from './public-ip.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

function named(azure: LocalAzure, part: string): string[] {
  azure.settle();
  return azure.world
    .all()
    .map(({ id }) => id)
    .filter((id) => id.includes(part))
    .map((id) => id.slice(id.lastIndexOf('/') + 1));
}

function shareDataDisk(azure: LocalAzure): void {
  const disk = azure.world.all().find(({ id }) => id.endsWith('build-linux_DataDisk_0'));
  if (!disk) throw new Error('The default world has changed');
  disk.managedByExtended = [disk.managedBy ?? '', buildVm(azure).replace('linux', 'windows')];
}

describe('after-capture: delete', () => {
  const request = { afterCapture: 'delete' as const };

  it('deletes the VM and what is attached to it alone, and nothing else', async () => {
    const azure = localAzure();
    const others = named(azure, '/').filter((name) => !name.startsWith('build-linux'));
    const { failure, heard } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(heard.started.at(-1)).toBe('delete');
    expect(named(azure, 'build-linux')).toEqual([]);
    expect(named(azure, '/').sort()).toEqual([...others, '1.0.0'].sort());
  });

  it.each(['accepted', 'refused'] as const)(
    'a generalized VM whose change is %s: it goes with disks, interface and address',
    async (patchOfGeneralizedVm) => {
      const azure = localAzure({ unknowns: { patchOfGeneralizedVm } });
      addPublicIp(azure);
      const { failure, heard } = await capture(azure, { request });
      expect([failure, heard.warnings]).toEqual([undefined, []]);
      expect(named(azure, 'build-linux')).toEqual([]);
      const deletes = azure.requests.all().filter(({ method }) => method === 'DELETE');
      // Where Azure lets all of it go with the VM, one request deletes it.
      if (patchOfGeneralizedVm === 'accepted')
        expect(deletes.map(({ path }) => path)).toEqual([buildVm(azure)]);
      expect(heard.lines.join()).toContain('build-linux_OsDisk');
    },
  );

  it('undoes no change that another makes to the interface meanwhile', async () => {
    const azure = localAzure();
    addPublicIp(azure);
    const way = inProcessHttpClient(azure);
    const sent: unknown[] = [];
    const httpClient: HttpClient = {
      sendRequest: (each) => {
        if (each.method === 'PUT' && each.url.includes('/networkInterfaces/')) {
          const nic = azure.world.all().find(({ name }) => name === 'build-linux-nic');
          if (nic && sent.length === 0) nic.properties.enableIPForwarding = true;
          sent.push(JSON.parse(String(each.body)).properties.enableIPForwarding);
        }
        return way.sendRequest(each);
      },
    };
    expect((await capture(azure, { request, httpClient })).failure).toBeUndefined();
    expect(sent.at(-1)).toBe(true);
    expect(named(azure, 'build-linux')).toEqual([]);
  });

  it('gives an interface up that cannot be read again as soon as any other', async () => {
    const azure = localAzure();
    addPublicIp(azure);
    const way = inProcessHttpClient(azure);
    let since: number | undefined;
    const httpClient: HttpClient = {
      sendRequest: (each) => {
        const isNic = each.url.includes('/networkInterfaces/');
        if (isNic && each.method === 'PUT') since ??= Date.now();
        if (isNic && since) return Promise.reject(new RestError('lost', { code: 'ECONNRESET' }));
        return way.sendRequest(each);
      },
    };
    const { failure } = await capture(azure, { request, httpClient });
    expect(failure?.kind).toBe('transient');
    expect((Date.now() - (since ?? 0)) / 1000).toBeLessThan(3600);
  });

  it('finds everything done when repeated after the VM is gone', async () => {
    const azure = localAzure();
    const first = await capture(azure, { request });
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    expect(again.wrote).toBe(false);
    expect(again.heard.known?.version).toBe(first.heard.known?.version);
  });

  it('killed when it deletes the VM, the next attempt leaves nothing behind', async () => {
    const azure = localAzure();
    const path = '**/virtualMachines/*';
    azure.faults.add({ match: { method: 'DELETE', path }, times: 99, fate: { reset: true } });
    const first = await capture(azure, { request });
    expect(first.failure?.kind).toBe('transient');
    azure.faults.clear();
    const again = await capture(azure, { request });
    expect(again.failure).toBeUndefined();
    expect(named(azure, 'build-linux')).toEqual([]);
  });

  it.each(['**/disks/*', '**/networkInterfaces/*'])(
    'names what it could not delete after the VM, and how to: %s',
    async (path) => {
      const azure = localAzure();
      azure.faults.add({ match: { method: 'DELETE', path }, times: 99, fate: { reset: true } });
      const first = await capture(azure, { request });
      expect(first.failure?.kind).toBe('transient');
      azure.faults.clear();
      const left = named(azure, 'build-linux');
      expect(left).not.toEqual([]);
      const [warning = ''] = first.heard.warnings;
      for (const name of left) expect(warning).toContain(`\`${name}\``);
      expect(warning).toContain('az resource delete --ids /subscriptions/');
      const again = await capture(azure, { request });
      expect([again.failure, again.wrote]).toEqual([undefined, false]);
      expect(named(azure, 'build-linux')).toEqual(left);
    },
  );

  it('deletes after the VM what nobody has locked, and says that a re-run deletes nothing', async () => {
    const azure = localAzure();
    const disk = azure.world.all().find(({ id }) => id.endsWith('build-linux_DataDisk_0'));
    const id = `${disk?.id}/providers/Microsoft.Authorization/locks/keep`;
    const properties = { level: 'CanNotDelete' };
    const way = inProcessHttpClient(azure);
    const httpClient: HttpClient = {
      sendRequest: (each) => {
        if (each.method === 'PUT' && each.url.includes('/versions/'))
          azure.world.put(asResource({ id, properties }));
        return way.sendRequest(each);
      },
    };
    const { failure, heard } = await capture(azure, { request, httpClient });
    expect(failure?.code).toBe('ScopeLocked');
    expect(failure?.remedy).toMatch(/delete what the warning names\. A re-run deletes nothing/);
    expect(named(azure, 'build-linux')).toEqual(['build-linux_DataDisk_0', 'keep']);
    expect(heard.warnings.join()).toContain('this was left: `build-linux_DataDisk_0`.');
  });

  it('deletes a disk that could be shared after the VM, and the rest with it', async () => {
    const azure = localAzure({ unknowns: { patchOfGeneralizedVm: 'accepted' } });
    const disk = azure.world.all().find(({ id }) => id.endsWith('build-linux_DataDisk_0'));
    Object.assign(disk?.properties ?? {}, { maxShares: 2 });
    const { failure, heard } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(named(azure, 'build-linux')).toEqual([]);
    expect(heard.lines.join()).toContain('This run deletes after it: build-linux_DataDisk_0.');
  });

  it('takes along nothing else, whatever is set to go with the VM', async () => {
    const azure = localAzure({ unknowns: { patchOfGeneralizedVm: 'accepted' } });
    const vm = azure.world.get(buildVm(azure));
    const [data] = objectsAt(vm, 'properties', 'storageProfile', 'dataDisks');
    Object.assign(data ?? {}, { deleteOption: 'Delete' });
    shareDataDisk(azure);
    const { failure, heard } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(named(azure, 'build-linux')).toEqual(['build-linux_DataDisk_0']);
    expect(heard.warnings.join()).toContain('this was left: `build-linux_DataDisk_0`');
  });

  it('names what is left when somebody else deletes the VM meanwhile', async () => {
    const azure = localAzure();
    const way = inProcessHttpClient(azure);
    const httpClient: HttpClient = {
      sendRequest: (each) => {
        const isOption = each.method === 'PATCH' && !/tags/.test(String(each.body));
        if (isOption && /virtualMachines\/build-linux\?/.test(each.url))
          azure.world.delete(buildVm(azure));
        return way.sendRequest(each);
      },
    };
    const run = await capture(azure, { request: { afterCapture: 'delete' }, httpClient });
    expect(run.failure).toBeUndefined();
    expect(azure.world.get(buildVm(azure))).toBeUndefined();
    expect(run.heard.warnings.join()).toContain('`build-linux_OsDisk`');
  });

  it('leaves a disk that another VM uses too', async () => {
    const azure = localAzure();
    shareDataDisk(azure);
    const { failure } = await capture(azure, { request });
    expect(failure).toBeUndefined();
    expect(named(azure, 'build-linux')).toEqual(['build-linux_DataDisk_0']);
  });

  it('leaves a disk, and names it, that another VM uses since the VM is gone', async () => {
    const azure = localAzure({ unknowns: { patchOfGeneralizedVm: 'refused' } });
    const way = inProcessHttpClient(azure);
    const httpClient: HttpClient = {
      sendRequest: (each) => {
        const isDisk = each.url.includes('/disks/build-linux_DataDisk_0');
        if (isDisk && !azure.world.get(buildVm(azure))) shareDataDisk(azure);
        return way.sendRequest(each);
      },
    };
    const { failure, heard } = await capture(azure, { request, httpClient });
    expect(failure).toBeUndefined();
    expect(named(azure, 'build-linux')).toEqual(['build-linux_DataDisk_0']);
    expect(heard.warnings.join()).toContain('this was left: `build-linux_DataDisk_0`');
  });
});

describe('snapshot-retention', () => {
  it('keeps the newest sets of this VM, this run’s included, and deletes older ones last', async () => {
    const azure = localAzure();
    const definition = definitionId(azure, 'ubuntu-2404-specialized');
    const request = { snapshot: true, snapshotRetention: 2, definition };
    const sets: string[][] = [];
    for (const runId of ['1', '2', '3']) {
      const { failure, heard } = await capture(azure, { runId, request });
      expect(failure).toBeUndefined();
      sets.push(heard.snapshots.map((id) => id.slice(id.lastIndexOf('/') + 1)));
      await wait(60);
    }
    expect(named(azure, '/snapshots/').sort()).toEqual(
      [...(sets[1] ?? []), ...(sets[2] ?? [])].sort(),
    );
  });
});

describe('operation: wait', () => {
  it('resumes waiting for a version that another run left in flight, and writes nothing', async () => {
    const azure = localAzure();
    const request = {
      waitFor: 'none' as const,
      regions: [{ name: 'westeurope' }, { name: 'eastus2' }],
    };
    await capture(azure, { request });
    azure.requests.clear();
    const { failure, heard, wrote } = await awaitIt(azure, '1.0.0');
    expect(failure).toBeUndefined();
    expect(wrote).toBe(false);
    expect(heard.started).toEqual(['replicate']);
    expect(heard.replication.map(({ state }) => state)).toEqual(['Completed', 'Completed']);
    const again = await awaitIt(azure, 'latest');
    expect(again.heard.started).toEqual([]);
    expect(again.heard.replication).toEqual(heard.replication);
  });

  it('says so when there is no such version, or no latest', async () => {
    const azure = localAzure();
    expect((await awaitIt(azure, '9.9.9')).failure?.what).toContain('does not exist');
    expect((await awaitIt(azure, 'latest')).failure?.what).toContain('no latest version');
  });

  it('reports a version that fails, without touching it', async () => {
    const azure = localAzure();
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      fate: { operation: { status: 'Failed', error: { code: 'X', message: 'Broken.' } } },
    });
    await capture(azure, { request: { waitFor: 'none' } });
    const { failure, wrote } = await awaitIt(azure, '1.0.0');
    expect(failure?.what).toContain('could not create image version');
    expect(wrote).toBe(false);
  });
});
