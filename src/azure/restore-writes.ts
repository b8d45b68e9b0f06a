import type { Disk as AzureDisk } from '@azure/arm-compute';
import { Failure } from '../domain/failure.ts';
import { nameOf, resourceIdOf, sameId } from '../domain/resource-id.ts';
import {
  carriedTags,
  type DiskOrder,
  isUnsettled,
  type RestoredDisk,
  settledTags,
} from '../domain/restore.ts';
import { withTags } from '../domain/tags.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute } from '../run/ports.ts';
import type { ReadingHalf } from './reads.ts';
import { when, whenMade } from './removal.ts';
import type { LongCall, Session } from './session.ts';
import { gone, plain, readBody } from './vm-body.ts';
import { createdAgain, exchanges, hasDisks, type VmBody, withoutTags } from './vm-model.ts';

/** The writes that bring a VM back. */
export function restoreWritesOf(
  session: Session,
  reads: ReadingHalf,
): Pick<Compute, 'createDisk' | 'settleDisk' | 'exchangeDisks' | 'recreateVm'> {
  const put = (id: string, body: VmBody): LongCall => plain(session, 'PUT', id, body);

  return {
    createDisk: async (order) => {
      await session.write({
        id: order.id,
        doing: `make disk ${nameOf(order.id)}`,
        effect: 'made',
        tags: order.tags,
        expectedSeconds: EXPECTED.disk,
        call: (client, [group, name], options) => ({
          submitted: async () => {
            const { resourceGroup, names } = resourceIdOf(order.like);
            const { abortSignal } = options;
            const like = await client.disks.get(resourceGroup, names[0] ?? '', { abortSignal });
            await client.disks
              .createOrUpdate(group, name, diskBody(order, like), options)
              .submitted();
          },
        }),
        ...whenMade(reads.disk, order.id, (disk) => sameId(disk.sourceId, order.snapshot)),
      });
    },

    settleDisk: async (id) => {
      const disk = await reads.disk(id);
      if (!disk || !isUnsettled(disk.tags)) return;
      // A PATCH of a disk replaces its tags as a whole.
      const tags = { ...settledTags(disk.tags) };
      await session.write({
        id,
        doing: `change the tags of disk ${nameOf(id)}`,
        expectedSeconds: EXPECTED.tagVm,
        call: (client, [group, name], options) => ({
          submitted: async () => {
            await client.disks.update(group, name, { tags }, options).submitted();
          },
        }),
        ...whenMade(reads.disk, id, ({ tags: now }) => !isUnsettled(now)),
      });
    },

    exchangeDisks: async (id, disks, tags) => {
      const vm = await readBody(session, id);
      if (!vm) throw gone(id);
      const read = () => readBody(session, id);
      const order = {
        id,
        doing: `exchange the disks of VM ${nameOf(id)}`,
        untilFree: true,
        expectedSeconds: EXPECTED.changeVm,
      };
      for (const body of exchanges(vm, disks, tags)) {
        const wanted = attachedIn(body, disks);
        const isThere = (found: VmBody | undefined) =>
          found !== undefined && hasDisks(found, wanted);
        await session.write({
          ...order,
          call: plain(session, 'PATCH', id, body),
          landed: async () => undefined,
          finished: when(read, id, (found) => isThere(found) && isSettled(found)),
        });
      }
      const now = await read();
      // Whether a PATCH replaces tags or adds to them is documented nowhere; a PUT replaces them.
      const marked = now && withoutTags(now, tags);
      if (!marked) return;
      await session.write({
        ...order,
        call: put(id, marked),
        landed: async () => undefined,
        finished: when(read, id, (found) => found && !withoutTags(found, tags) && isSettled(found)),
      });
    },

    recreateVm: async ({ id, model, disks }) => {
      const body = createdAgain(model, disks);
      if (!body) throw unreadable(id);
      await session.write({
        id,
        doing: `create VM ${nameOf(id)}`,
        effect: 'made',
        expectedSeconds: EXPECTED.createVm,
        call: put(id, body),
        ...whenMade(reads.vm, id, (vm) => sameId(vm.osDisk.id, disks[0]?.disk)),
      });
    },
  };
}

/** Those of the disks that a body attaches. */
const attachedIn = (body: VmBody, disks: readonly RestoredDisk[]): RestoredDisk[] =>
  disks.filter((disk) => hasDisks(body, [disk]));

const isSettled = (vm: VmBody | undefined): boolean =>
  (vm?.properties as VmBody | undefined)?.provisioningState === 'Succeeded';

/**
 * A disk of a snapshot, otherwise like the one it replaces. What the snapshot brings is not said again:
 * Azure refuses a security type on a disk that is copied (azure-cli#22561).
 */
function diskBody({ snapshot, tags }: DiskOrder, like: AzureDisk): AzureDisk {
  const { encryption, networkAccessPolicy, publicNetworkAccess, diskAccessId } = like;
  const { tier, burstingEnabled, maxShares, dataAccessAuthMode } = like;
  const set = encryption?.diskEncryptionSetId;
  return {
    location: like.location,
    tags: { ...withTags(carriedTags(like.tags), tags) },
    ...(like.zones && { zones: like.zones }),
    ...(like.extendedLocation && { extendedLocation: like.extendedLocation }),
    ...(like.sku?.name && { sku: { name: like.sku.name } }),
    creationData: { createOption: 'Copy', sourceResourceId: snapshot },
    ...(like.diskSizeGB && { diskSizeGB: like.diskSizeGB }),
    ...(set && {
      encryption: { diskEncryptionSetId: set, ...(encryption.type && { type: encryption.type }) },
    }),
    ...(networkAccessPolicy && { networkAccessPolicy }),
    ...(publicNetworkAccess && { publicNetworkAccess }),
    ...(diskAccessId && { diskAccessId }),
    ...(dataAccessAuthMode && { dataAccessAuthMode }),
    ...(tier && isPremium(like) && { tier }),
    ...(burstingEnabled !== undefined && { burstingEnabled }),
    ...(maxShares !== undefined && maxShares > 1 && { maxShares }),
  };
}

const isPremium = ({ sku }: AzureDisk): boolean => /^Premium_/.test(sku?.name ?? '');

const unreadable = (id: string) =>
  new Failure({
    kind: 'refused',
    what: `What \`${nameOf(id)}\` was cannot be read from the tags of its new OS disk.`,
    why: 'A policy or a tool changed these tags.',
    remedy: 'Create the VM of the new disks by hand: `docs/restore.md` has the commands.',
  });
