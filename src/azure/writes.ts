import type { GalleryImageVersion, RunCommandResult } from '@azure/arm-compute';
import { nameOf, resourceKind, sameId } from '../domain/resource-id.ts';
import { holds, type VersionChange } from '../domain/version-change.ts';
import type { PowerState, Vm } from '../domain/vm.ts';
import { EXPECTED } from '../plan/durations.ts';
import { hasFailed } from '../plan/replicated.ts';
import type { Compute, Reads } from '../run/ports.ts';
import { making } from './creations.ts';
import { copyIn } from './facts.ts';
import { isSucceeded, type Write, whenMade } from './operations.ts';
import { readsOf } from './reads.ts';
import { type LongCall, TYPES } from './requests.ts';
import type { Session } from './session.ts';
import { sendChange } from './version-change.ts';
import { vmWritesOf } from './vm-writes.ts';

/** Azure ends a Run Command after 90 minutes (virtual-machines/linux/run-command). */
const MOST_SECONDS = 92 * 60;

/** The writing half of the port. Each write says how to see, by reading, that it took effect. */
export function writesOf(session: Session, reads: Reads) {
  const power = (id: string, verb: 'start' | 'deallocate', goal: PowerState) => {
    const reached = async () => (await reads.vm(id))?.power === goal;
    return session.write({
      id,
      doing: `${verb} VM ${nameOf(id)}`,
      expectedSeconds: EXPECTED[verb],
      call: (client, [group, name], options) => client.virtualMachines[verb](group, name, options),
      landed: reached,
      finished: reached,
    });
  };

  /** How to delete a resource and nothing with it; throws a `TypeError` for a kind that we do not. */
  const deletion = (id: string): Write => {
    const kind = resourceKind(id);
    if (!kind) throw new TypeError(`Not a resource that this action deletes: ${id}`);
    const type = kind === 'nic' || kind === 'publicIp' ? 'networkPart' : kind;
    const write = deleting(id, TYPES[type], reads[type]);
    if (type !== 'version') return write;
    const landed = () =>
      reads.version(id).then((found) => !found || found.provisioningState === 'Deleting');
    return { ...write, expectedSeconds: EXPECTED.deleteVersion, landed };
  };

  return {
    createSnapshot: async (order) => {
      const output = await session.write({
        ...making({ make: 'snapshot', order }),
        expectedSeconds: EXPECTED.snapshot,
        ...whenMade(reads.snapshot, order.id, ({ sourceId }) => sameId(sourceId, order.disk)),
      });
      const made = copyIn(output) ?? (await reads.snapshot(order.id));
      session.own.identify(order.id, made?.uniqueId);
      return made?.sourceUniqueId;
    },

    madeHere: (id) => session.own.identityOf(id),

    updateVm: async (id, { tags, enableBootDiagnostics }) => {
      let seen: Vm | undefined;
      const read = async () => {
        seen = await reads.vm(id);
        return seen;
      };
      // A PATCH of a VM replaces its tags as a whole; what is not named stays as it is.
      const change = {
        tags: { ...tags },
        ...(enableBootDiagnostics && {
          diagnosticsProfile: { bootDiagnostics: { enabled: true } },
        }),
      };
      await session.write({
        id,
        doing: `tag VM ${nameOf(id)}`,
        expectedSeconds: enableBootDiagnostics ? EXPECTED.changeVm : EXPECTED.tagVm,
        call: ({ virtualMachines }, [group, name], options) =>
          virtualMachines.update(group, name, change, options),
        landed: () =>
          read().then(
            (vm) => vm && Object.entries(tags).every(([name, value]) => vm.tags[name] === value),
          ),
        finished: () => read().then(isSucceeded),
      });
      return seen;
    },

    runScript: async (vm, script, limit, osType = 'Linux') => {
      const input = {
        commandId: osType === 'Windows' ? 'RunPowerShellScript' : 'RunShellScript',
        script: script.split('\n'),
      };
      const output = await session.within(limit).write<RunCommandResult>({
        id: vm,
        doing: `run a script in VM ${nameOf(vm)}`,
        expectedSeconds: EXPECTED.runCommand,
        mostSeconds: MOST_SECONDS,
        call: ({ virtualMachines }, [group, name], options) =>
          virtualMachines.runCommand(group, name, input, options),
        untilFree: true,
      });
      // The operation of a Run Command puts out `{value: [{code, message}]}`.
      return (output?.value ?? []).map(({ message }) => message ?? '').join('\n');
    },

    /*
     * The operation of a managed run command ends as soon as the script starts, and is no failed
     * deployment when the script fails (Azure/missionlz sysprepVirtualMachine.bicep).
     */
    startCommand: ({ id, location, script, timeoutSeconds, tags }) => {
      const body = {
        location,
        tags: { ...tags },
        source: { script },
        asyncExecution: true,
        treatFailureAsDeploymentFailure: false,
        timeoutInSeconds: Math.round(timeoutSeconds),
      };
      const started = async () => (await reads.command(id)) !== undefined;
      return session.write({
        id,
        doing: `start run command ${nameOf(id)} in the guest`,
        effect: 'made',
        expectedSeconds: EXPECTED.command,
        call: ({ virtualMachineRunCommands }, [group, vm, name], options) =>
          virtualMachineRunCommands.createOrUpdate(group, vm, name, body, options),
        landed: started,
        finished: started,
      });
    },

    deleteCommand: (id, limit) => {
      const bounded = session.within(limit);
      return bounded.write(deleting(id, TYPES.command, readsOf(bounded).command));
    },

    createVm: async (order, limit) => {
      const bounded = session.within(limit);
      await bounded.write({
        ...making({ make: 'vm', order }),
        expectedSeconds: EXPECTED.bootVm,
        // Nobody knows whether a VM whose creation was broken off boots as a new one does.
        clear: async () => {
          if (await reads.vm(order.id)) await bounded.write(deletion(order.id));
        },
        ...whenMade(reads.vm, order.id, ({ image }) => sameId(image, order.version)),
      });
    },

    ...vmWritesOf(session, reads),

    startVm: (id) => power(id, 'start', 'running'),

    deallocateVm: (id) => power(id, 'deallocate', 'deallocated'),

    generalizeVm: async (id) => {
      await session.send({
        id,
        doing: `mark VM ${nameOf(id)} generalized`,
        call: (client, [group, name], options) =>
          client.virtualMachines.generalize(group, name, options),
        landed: async () => (await reads.vm(id))?.generalized,
      });
    },

    createVersion: async (order) => {
      const { created } = await session.send({
        ...making({ make: 'version', order }),
        // Whosever it is: the caller looks at the owner, and another request would not help.
        landed: async () => (await reads.version(order.id)) !== undefined,
      });
      return created;
    },

    updateVersion: async (id, change) => {
      await session.send({
        id,
        doing: `change image version ${nameOf(id)}`,
        tags: change.tags,
        untilFree: true,
        earlierSeconds: EXPECTED.updateVersion,
        call: (client, at, options) => {
          const silent = { ...options, onResponse: () => undefined };
          const read = () => TYPES.version.get(client, at, silent);
          const put = (body: GalleryImageVersion) =>
            client.galleryImageVersions.createOrUpdate(...at, body, options).submitted();
          return sendChange(id, change, { read, put, lent: session.own.lent });
        },
        landed: () =>
          reads
            .version(id)
            .then((version) => version && !hasFailed(version) && holds(version, change)),
      });
      if (!isOfTagsAlone(change)) session.own.changedAt = Date.now();
    },

    createImage: (order) =>
      session.write({
        ...making({ make: 'image', order }),
        expectedSeconds: EXPECTED.image,
        ...whenMade(reads.image, order.id, ({ sourceId }) => sameId(sourceId, order.vm)),
      }),

    remove: async (id, mostSeconds) => {
      await session.write({ ...deletion(id), mostSeconds });
    },
  } satisfies Partial<Compute>;
}

/** How to delete a resource; what is gone already is as good. */
function deleting(
  id: string,
  { noun, remove }: { readonly noun: string; readonly remove: LongCall },
  read: (id: string) => Promise<unknown>,
): Write {
  const isGone = async () => (await read(id)) === undefined;
  return {
    id,
    doing: `delete ${noun} ${nameOf(id)}`,
    effect: 'removed',
    expectedSeconds: EXPECTED.remove,
    call: remove,
    landed: isGone,
    finished: isGone,
  };
}

/**
 * Whether only tags are changed: should another writer overwrite them, no region is lost. A request
 * that changes nothing is sent for the regions that failed.
 */
const isOfTagsAlone = ({ tags, ...rest }: VersionChange): boolean =>
  Object.keys(tags).length > 0 &&
  Object.values(rest).every((part) => Array.isArray(part) && part.length === 0);
