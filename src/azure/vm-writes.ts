import type { Disk as AzureDisk } from '@azure/arm-compute';
import { refused } from '../domain/failure.ts';
import { isRecord, membersOf } from '../domain/plain-objects.ts';
import { nameOf, resourceIdOf, sameId } from '../domain/resource-id.ts';
import { carriedTags, type DiskOrder, isUnsettled, settledTags } from '../domain/restore.ts';
import { withTags } from '../domain/tags.ts';
import type { Vm } from '../domain/vm.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute, Reads } from '../run/ports.ts';
import { NETWORK_API, VM_API } from './api-versions.ts';
import { copyIn } from './facts.ts';
import { fromAzure, isBusy, isNotFound, statusOf } from './failure.ts';
import { isSucceeded, whenMade } from './operations.ts';
import { readBody } from './reads.ts';
import { plainly } from './requests.ts';
import type { Session } from './session.ts';
import {
  createdAgain,
  exchanges,
  hasDisks,
  type VmBody,
  withDeleteOptions,
  withoutTags,
} from './vm-model.ts';

/** The writes that bring a VM back, and set what is deleted with one. */
export function vmWritesOf(session: Session, reads: Reads) {
  return {
    createDisk: async (order) => {
      const output = await session.write({
        id: order.id,
        doing: `make disk ${nameOf(order.id)}`,
        effect: 'made',
        tags: order.tags,
        expectedSeconds: EXPECTED.disk,
        call: async ({ disks }, [group, name], options) => {
          const { resourceGroup, names } = resourceIdOf(order.like);
          const { abortSignal } = options;
          const like = await disks.get(resourceGroup, names[0] ?? '', { abortSignal });
          await disks.createOrUpdate(group, name, diskBody(order, like), options).submitted();
        },
        ...whenMade(reads.disk, order.id, ({ sourceId }) => sameId(sourceId, order.snapshot)),
      });
      return (copyIn(output) ?? (await reads.disk(order.id)))?.sourceUniqueId;
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
        call: (client, [group, name], options) =>
          client.disks.update(group, name, { tags }, options),
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
        const wanted = disks.filter((disk) => hasDisks(body, [disk]));
        await session.write({
          ...order,
          call: plainly('PATCH', VM_API, { body }),
          finished: () =>
            read().then((found) => found && hasDisks(found, wanted) && isSettled(found)),
        });
      }
      const now = await read();
      // Whether a PATCH replaces tags or adds to them is documented nowhere; a PUT replaces them.
      const marked = now && withoutTags(now, tags);
      if (!marked) return;
      await session.write({
        ...order,
        call: plainly('PUT', VM_API, { body: marked }),
        finished: () =>
          read().then((found) => found && !withoutTags(found, tags) && isSettled(found)),
      });
    },

    recreateVm: async (id, model, disks) => {
      const body = createdAgain(model, disks);
      if (!body) throw unreadable(id);
      const isIt = ({ osDisk }: Vm) => sameId(osDisk.id, disks[0]?.disk);
      const doing = `create VM ${nameOf(id)}`;
      await session.write({
        id,
        doing,
        effect: 'made',
        expectedSeconds: EXPECTED.createVm,
        // Whoever takes the name of the VM that was deleted is not overwritten (azure-rest-api-specs#26368,
        // from 2023-09-01 on). What an earlier request of this run created is.
        call: async (_client, _path, { onResponse }, send) => {
          const put = (isNew?: true) => send('PUT', VM_API, { body, ...(isNew && { isNew }) });
          const answer = await put(true).catch(async (thrown: unknown) => {
            const there = isTaken(thrown, doing) ? await reads.vm(id) : undefined;
            if (!there) throw thrown;
            if (!isIt(there)) throw nameTaken(id);
            return put();
          });
          onResponse(answer);
        },
        ...whenMade(reads.vm, id, isIt),
      });
    },

    /*
     * What Azure deletes with a VM, and with a network interface. The options can be changed at any time
     * before the deletion (azure-compute-docs, articles/virtual-machines/delete.md).
     */
    deleteWithVm: async (id, parts) => {
      const vm = await readBody(session, id);
      if (!vm) throw gone(id);
      await session.write({
        id,
        doing: `set which disks and interfaces go with VM ${nameOf(id)}`,
        untilFree: true,
        expectedSeconds: EXPECTED.changeVm,
        call: plainly('PATCH', VM_API, { body: withDeleteOptions(vm, parts) }),
        finished: () => reads.vm(id).then(isSucceeded),
      });
    },

    deleteWithNic: (id, addresses) =>
      session.write({
        id,
        doing: `set which addresses go with ${nameOf(id)}`,
        expectedSeconds: EXPECTED.tagVm,
        // Microsoft.Network has no PATCH but of tags: with `If-Match`, the PUT of what was read undoes nothing
        // that others change meanwhile. Azure answers 412 (cloud-provider-azure#483), and it is read again.
        call: async (_client, _path, { onResponse }, send) => {
          const { parsedBody } = await send('GET', NETWORK_API).catch((thrown: unknown) => {
            throw isNotFound(thrown) ? gone(id) : thrown;
          });
          const nic = membersOf(parsedBody);
          const etag = typeof nic.etag === 'string' ? nic.etag : undefined;
          onResponse(await send('PUT', NETWORK_API, { body: withAddresses(nic, addresses), etag }));
        },
        finished: () =>
          reads
            .networkPart(id)
            .then((found) =>
              addresses.every((one) => found?.ipsGoWithNic.some((each) => sameId(each, one))),
            ),
      }),
  } satisfies Partial<Compute>;
}

const isSettled = (vm: VmBody): boolean =>
  membersOf(vm.properties).provisioningState === 'Succeeded';

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
    ...(tier && like.sku?.name?.startsWith('Premium_') && { tier }),
    ...(burstingEnabled !== undefined && { burstingEnabled }),
    ...(maxShares !== undefined && maxShares > 1 && { maxShares }),
  };
}

const unreadable = (id: string) =>
  refused({
    what: `What \`${nameOf(id)}\` was cannot be read from the tags of its new OS disk.`,
    why: 'A policy or a tool changed these tags.',
    remedy: 'Create the VM of the new disks by hand: `docs/restore.md` has the commands.',
  });

/**
 * Whether Azure refuses to make what is there, by the condition or, without it, for what cannot change; not
 * because it is still at work on it.
 */
const isTaken = (thrown: unknown, doing: string): boolean =>
  [409, 412].includes(statusOf(thrown) ?? 0) && !isBusy(fromAzure(thrown, doing));

const nameTaken = (id: string) =>
  refused({
    what: `\`${nameOf(id)}\` was not created again: another VM has its name now.`,
    why: 'Somebody created it after the generalized VM had been deleted.',
    remedy:
      'Find out whose it is. When the name is free again, re-run the failed job; it resumes here. Or create the VM of the new disks by hand under another name: `docs/restore.md` has the commands.',
  });

/** An interface whose public IP addresses of these IDs are deleted with it. */
function withAddresses(nic: VmBody, addresses: readonly string[]): VmBody {
  const properties = membersOf(nic.properties);
  const all = Array.isArray(properties.ipConfigurations) ? properties.ipConfigurations : [];
  const ipConfigurations = all.map((each) => {
    const inner = membersOf(each?.properties);
    const address = inner.publicIPAddress;
    if (!isRecord(address) || !addresses.some((one) => sameId(one, String(address.id))))
      return each;
    const going = { ...address, properties: { deleteOption: 'Delete' } };
    return { ...each, properties: { ...inner, publicIPAddress: going } };
  });
  return { ...nic, properties: { ...properties, ipConfigurations } };
}

const gone = (id: string) =>
  refused({
    what: `\`${nameOf(id)}\` is gone.`,
    why: 'Somebody deleted it while this run was at work.',
    remedy: 'Look at the activity log of the resource group, then run the workflow again.',
  });
