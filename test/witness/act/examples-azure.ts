/** A local Azure with what the examples need, and what is there after a run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectAt, objectsAt, textAt } from '../../../local-azure/src/json.ts';
import type { Resource } from '../../../local-azure/src/world.ts';
import { controls } from '../../runner/control.ts';
import { type LocalAzureProcess, startLocalAzure } from '../../runner/local-azure-process.ts';

/** What is there after a run. */
export type World = Awaited<ReturnType<typeof worldOf>>;

/** Starts a local Azure with these resources. */
export async function azureWith(resources: readonly Resource[]): Promise<LocalAzureProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'world-'));
  try {
    const file = join(folder, 'world.json');
    writeFileSync(file, JSON.stringify(resources));
    return await startLocalAzure('--speed', '120', '--world', file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The world as it stands now. */
export async function worldOf(azure: LocalAzureProcess) {
  const all = await controls(azure).world();
  const properties = (id: string) =>
    all.find((each) => each.id.toLowerCase() === id.toLowerCase())?.properties;
  return {
    properties,
    namesBeginning: (start: string) =>
      all.map(({ id }) => id.split('/').at(-1) ?? '').filter((name) => name.startsWith(start)),
    /** The IDs of a VM's disks, the OS disk first. */
    disks: (vm: string) => {
      const profile = objectAt(properties(vm), 'storageProfile');
      return [objectAt(profile, 'osDisk'), ...objectsAt(profile, 'dataDisks')].map(
        (each) => textAt(each, 'managedDisk', 'id') ?? '',
      );
    },
    names: (type: string) => all.filter((each) => each.type === type).map(({ name }) => name),
  };
}
