/** The world of a VM as a restore is judged by: everything but what the plan says may differ. */
import { expect } from 'vitest';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { RestoreRequest } from '../../src/domain/request.ts';
import { writesAmong } from '../runner/control.ts';
import { type Run, restore } from './harness.ts';

type Json = Readonly<Record<string, unknown>>;

/** Facts of all resources, by resource ID in lower case. */
export type World = ReadonlyMap<string, Json>;

export function worldOf(azure: LocalAzure): World {
  azure.settle();
  return new Map(
    azure.world.all().map((each) => [each.id.toLowerCase(), structuredClone(each) as Json]),
  );
}

/** A restore that brings this world back, and the same again, which writes nothing; gives both. */
export async function restoredOnce(
  azure: LocalAzure,
  before: World,
  asked: Partial<RestoreRequest> = {},
  again: Partial<RestoreRequest> = asked,
): Promise<readonly [Run, Run]> {
  const run = await restore(azure, asked);
  expect(run.failure).toBeUndefined();
  expect(differences(before, worldOf(azure), run)).toEqual([]);
  azure.requests.clear();
  const second = await restore(azure, again);
  expect(second.failure).toBeUndefined();
  expect(writesAmong(azure.requests.all())).toEqual([]);
  return [run, second];
}

/** What a new disk has of its own. */
const OF_A_DISK = [
  ...['timeCreated', 'uniqueId', 'creationData', 'LastOwnershipUpdateTime'],
  // The default world's disks tell no performance of their size.
  ...['diskIOPSReadWrite', 'diskMBpsReadWrite', 'tier'],
];
/** What changes of a VM whatever happens to it. */
const OF_A_VM = ['instanceView', 'timeCreated', 'diagnosticsProfile'];
/** What is lost with a VM that is created again, as the plan says. */
const LOST = ['vmId', 'osProfile'];

/**
 * The differences between two worlds, but for what the plan of the run names: new disks stand for those
 * that they replace, which are kept unattached or deleted.
 */
export function differences(before: World, after: World, run: Run): string[] {
  const { target } = JSON.parse(run.told.outputs.get('plan') ?? '{}') as {
    target: { disks: readonly { disk: string; replaces: string; lun?: number }[]; lost?: string[] };
  };
  const vmOf = (world: World) => world.get(String(run.record.target?.vm).toLowerCase()) ?? {};
  const lost = target.lost?.length ? LOST : [];
  const found = new Map(
    diskIds(vmOf(after)).map((id, index) => [id, diskIds(vmOf(before))[index]]),
  );
  const named = target.disks.flatMap(({ disk, replaces }) => [disk, replaces]);
  const expected = new Set([...before.keys(), ...named.map((id) => id.toLowerCase())]);
  // The capture that changed the VM has taken snapshots of it.
  const added = [...after.keys()].filter((id) => !expected.has(id) && !id.includes('/snapshots/'));
  const changed = [...before].flatMap(([id, was]) => {
    const newId = [...found].find(([, old]) => old === id)?.[0] ?? id;
    const is = after.get(newId);
    return is
      ? differing(id, plain(was, lost, new Map()), plain(is, lost, found))
      : [`${id} is gone`];
  });
  return [...changed, ...added.map((id) => `${id} is new`)];
}

const diskIds = (vm: Json): string[] => {
  const profile = (vm.properties as Json | undefined)?.storageProfile as Json;
  const entries = [profile.osDisk, ...(profile.dataDisks as unknown[])] as Json[];
  return entries.map(({ managedDisk }) => String((managedDisk as Json).id).toLowerCase());
};

function plain(
  resource: Json,
  lost: readonly string[],
  found: ReadonlyMap<string, string | undefined>,
) {
  const isDisk = String(resource.type).toLowerCase() === 'microsoft.compute/disks';
  const drop = isDisk ? OF_A_DISK : [...OF_A_VM, ...lost];
  const { etag: _, id: __, name: ___, tags = {}, ...rest } = resource;
  const properties = Object.entries((rest.properties ?? {}) as Json).filter(
    ([name]) => !drop.includes(name),
  );
  const own = Object.entries(tags as Json).filter(([name]) => !name.startsWith('golden-image-'));
  const text = JSON.stringify({
    ...rest,
    tags: Object.fromEntries(own),
    properties: Object.fromEntries(properties),
  });
  const old = [...found].reduce(
    (sum, [id, other]) =>
      other
        ? sum
            .replaceAll(new RegExp(escaped(id), 'gi'), other)
            .replaceAll(new RegExp(`"${escaped(nameIn(id))}"`, 'gi'), `"${nameIn(other)}"`)
        : sum,
    text,
  );
  const shown = lost.length > 0 ? withoutImage(JSON.parse(old)) : JSON.parse(old);
  return flat(shown);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const nameIn = (id: string) => id.slice(id.lastIndexOf('/') + 1);

/** A VM of disks that exist tells of no image, and that its OS disk was attached. */
function withoutImage(resource: Json): Json {
  const properties = resource.properties as Json;
  const storage = properties.storageProfile as Json | undefined;
  if (!storage) return resource;
  const { imageReference: _, ...rest } = storage;
  const osDisk = { ...(storage.osDisk as Json), createOption: 'Attach' };
  return { ...resource, properties: { ...properties, storageProfile: { ...rest, osDisk } } };
}

function flat(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null)
    return new Map([[path, String(value).toLowerCase()]]);
  return new Map(Object.entries(value).flatMap(([key, each]) => [...flat(each, `${path}/${key}`)]));
}

function differing(id: string, was: Map<string, string>, is: Map<string, string>): string[] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path) =>
    was.get(path) === is.get(path)
      ? []
      : [`${nameIn(id)}${path}: ${was.get(path)} → ${is.get(path)}`],
  );
}
