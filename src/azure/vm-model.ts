import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DEPROVISION_TAG } from '../domain/deprovision-mark.ts';
import { isRecord, membersOf, recordsIn } from '../domain/plain-objects.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import type { RestoredDisk } from '../domain/restore.ts';

/** A VM as Azure Resource Manager shows it and takes it. */
export type VmBody = Readonly<Record<string, unknown>>;

/** What of a VM only Azure gives (Microsoft.Compute, VirtualMachine: read-only members). */
const READ_ONLY = ['provisioningState', 'vmId', 'timeCreated', 'instanceView'];
/** What a body holds beside its properties. */
const MEMBERS = ['location', 'tags', 'plan', 'zones', 'extendedLocation', 'placement'];

/** Characters of a description, and bytes of what it holds. */
const LARGEST = 64 * 1024;

const only = (from: VmBody, names: readonly string[]): VmBody =>
  Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));

const without = (from: VmBody, names: readonly string[]): VmBody =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

/** A VM as a PUT sends it again: without what Azure alone gives. */
function sendable(vm: VmBody): VmBody {
  const identity = identityOf(vm);
  return {
    ...only(vm, MEMBERS),
    ...(identity && { identity }),
    properties: without(membersOf(vm.properties), READ_ONLY),
  };
}

/** Of user-assigned identities, only which they are. */
function identityOf(vm: VmBody): VmBody | undefined {
  const { type, userAssignedIdentities } = membersOf(vm.identity);
  if (typeof type !== 'string' || type === 'None') return undefined;
  const ids = Object.keys(membersOf(userAssignedIdentities)).map((id) => [id, {}]);
  return { type, ...(ids.length > 0 && { userAssignedIdentities: Object.fromEntries(ids) }) };
}

const storageOf = (body: VmBody): VmBody => membersOf(membersOf(body.properties).storageProfile);

const withStorage = (body: VmBody, storageProfile: VmBody): VmBody => ({
  ...body,
  properties: { ...membersOf(body.properties), storageProfile },
});

const lunOf = ({ lun }: VmBody): number | undefined => (typeof lun === 'number' ? lun : undefined);
const idOf = ({ managedDisk }: VmBody): string => String(membersOf(managedDisk).id ?? '');

/** The entry of a disk that takes the place of another; what becomes of it stays. */
const placed = (entry: VmBody, { disk }: RestoredDisk): VmBody => ({
  ...without(entry, ['diskSizeGB', 'vhd', 'image', 'toBeDetached', 'diskIOPSReadWrite']),
  name: nameOf(disk),
  managedDisk: { id: disk },
});

const attachedEntry = (disk: RestoredDisk): VmBody => ({
  lun: disk.lun,
  name: nameOf(disk.disk),
  createOption: 'Attach',
  caching: disk.caching ?? 'None',
  deleteOption: disk.goesWithVm ? 'Delete' : 'Detach',
  managedDisk: { id: disk.disk },
});

/** Whether a VM has each of these disks at its place. */
export const hasDisks = (vm: VmBody, disks: readonly RestoredDisk[]): boolean =>
  disks.every((disk) => sameId(idOf(entryAt(vm, disk.lun)), disk.disk));

function entryAt(vm: VmBody, lun: number | undefined): VmBody {
  const { osDisk, dataDisks } = storageOf(vm);
  if (lun === undefined) return membersOf(osDisk);
  return recordsIn(dataDisks).find((entry) => lunOf(entry) === lun) ?? {};
}

const untagged = (vm: VmBody, names: readonly string[]): VmBody => {
  const lower = names.map((name) => name.toLowerCase());
  const kept = Object.entries(membersOf(vm.tags)).filter(
    ([name]) => !lower.includes(name.toLowerCase()),
  );
  return Object.fromEntries(kept);
};

/** A whole VM without tags of these names; `undefined` when it has none of them. */
export const withoutTags = (vm: VmBody, names: readonly string[]): VmBody | undefined => {
  const tags = untagged(vm, names);
  const same = Object.keys(tags).length === Object.keys(membersOf(vm.tags)).length;
  return same ? undefined : { ...sendable(vm), tags };
};

/**
 * The changes that exchange disks, one after the other. A data disk cannot take the place of another in
 * one request: first the old ones are detached (azure-sdk-for-go#816). The last one takes the tags away:
 * until then they tell a re-run what the disks are made of.
 */
export function exchanges(
  vm: VmBody,
  disks: readonly RestoredDisk[],
  tags: readonly string[],
): VmBody[] {
  const os = disks.find(({ lun }) => lun === undefined);
  const data = disks.filter(({ lun }) => lun !== undefined);
  const storage = storageOf(vm);
  const own = membersOf(storage.osDisk);
  const osDisk = os && !sameId(idOf(own), os.disk) ? placed(own, os) : own;
  const there = recordsIn(storage.dataDisks);
  const stays = (entry: VmBody) =>
    !data.some(({ lun, disk }) => lun === lunOf(entry) && !sameId(disk, idOf(entry)));
  const staying = there.filter(stays);
  const missing = data.filter(({ disk }) => !staying.some((entry) => sameId(idOf(entry), disk)));
  const change = (dataDisks: readonly VmBody[], isLast: boolean): VmBody => ({
    tags: untagged(vm, isLast ? tags : []),
    properties: { storageProfile: { osDisk, dataDisks } },
  });
  const isOnlyOne = missing.length === 0;
  const isFirstNeeded = osDisk !== own || staying.length < there.length || isOnlyOne;
  const last = change([...staying, ...missing.map(attachedEntry)], true);
  return [...(isFirstNeeded ? [change(staying, isOnlyOne)] : []), ...(isOnlyOne ? [] : [last])];
}

/** A change of a VM: of its disks and network interfaces only those of these IDs go with it. */
export function withDeleteOptions(vm: VmBody, going: readonly string[]): VmBody {
  const { properties } = vm;
  const storage = storageOf(vm);
  const network = membersOf(membersOf(properties).networkProfile);
  const option = (entry: VmBody, id: unknown): VmBody => ({
    ...entry,
    deleteOption: going.some((one) => sameId(one, String(id))) ? 'Delete' : 'Detach',
  });
  const disk = (entry: VmBody): VmBody => option(entry, idOf(entry));
  return {
    properties: {
      storageProfile: {
        osDisk: disk(membersOf(storage.osDisk)),
        dataDisks: recordsIn(storage.dataDisks).map(disk),
      },
      networkProfile: {
        ...network,
        networkInterfaces: recordsIn(network.networkInterfaces).map((nic) => ({
          ...nic,
          properties: option(membersOf(nic.properties), nic.id),
        })),
      },
    },
  };
}

/** What Azure does not take of a VM that is created of disks that exist (attach-os-disk.md). */
const NOT_ATTACHED = ['osProfile'];

/** All from which a VM can be created again, compressed: it has to fit into tags. */
export function describeVm(vm: VmBody): string {
  const sent = sendable(vm);
  const body = {
    ...sent,
    tags: without(membersOf(sent.tags), [DEPROVISION_TAG]),
    properties: without(membersOf(sent.properties), NOT_ATTACHED),
  };
  const { imageReference: _, ...storage } = storageOf(body);
  return deflateRawSync(JSON.stringify(withStorage(body, storage)), { level: 9 }).toString(
    'base64url',
  );
}

/** The body that creates a VM again of these disks; `undefined` when the description is none. */
export function createdAgain(model: string, disks: readonly RestoredDisk[]): VmBody | undefined {
  const body = parse(model);
  if (!body || typeof body.location !== 'string' || !isRecord(body.properties)) return undefined;
  const storage = storageOf(body);
  const at = (lun: number | undefined) => disks.find((disk) => disk.lun === lun);
  const replaced = (entry: VmBody): VmBody => {
    const disk = at(lunOf(entry));
    const same = disk ? placed(entry, disk) : without(entry, ['diskSizeGB']);
    return { ...same, createOption: 'Attach' };
  };
  return withStorage(sendable(body), {
    ...storage,
    osDisk: replaced(membersOf(storage.osDisk)),
    dataDisks: recordsIn(storage.dataDisks).map(replaced),
  });
}

function parse(model: string): VmBody | undefined {
  if (model.length > LARGEST) return undefined;
  try {
    const text = inflateRawSync(Buffer.from(model, 'base64url'), { maxOutputLength: LARGEST });
    const body: unknown = JSON.parse(text.toString('utf8'));
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
