import type { GalleryImageVersion, RunCommandResult } from '@azure/arm-compute';
import type { PowerState, Vm } from '../domain/observed.ts';
import { nameOf, sameId } from '../domain/resource-id.ts';
import type { Tags } from '../domain/tags.ts';
import { holds, type VersionChange } from '../domain/version-order.ts';
import { EXPECTED } from '../plan/durations.ts';
import { hasFailed } from '../plan/replicated.ts';
import type { Compute, Reads } from '../run/ports.ts';
import { commandBody } from './bodies.ts';
import type { LongCall } from './call.ts';
import { sending } from './creations.ts';
import { readsOf } from './reads.ts';
import { isSucceeded, removalOf, removeResource, when, whenMade } from './removal.ts';
import { TYPES } from './resource-types.ts';
import type { Session } from './session.ts';
import { sendChange } from './version-change.ts';
import { vmWritesOf } from './vm-writes.ts';

/** Azure ends a Run Command after 90 minutes (virtual-machines/linux/run-command). */
const MOST_SECONDS = 92 * 60;

/** The writing half of the port. Each write says how to see, by reading, that it took effect. */
export function writesOf(session: Session, reads: Reads) {
  const power = (id: string, verb: string, seconds: number, goal: PowerState, call: LongCall) => {
    const reached = when(reads.vm, id, (vm) => vm?.power === goal);
    return session.write({
      id,
      doing: `${verb} VM ${nameOf(id)}`,
      expectedSeconds: seconds,
      call,
      landed: reached,
      finished: reached,
    });
  };

  return {
    createSnapshot: (order) =>
      session.write({
        ...sending({ make: 'snapshot', order }),
        effect: 'made',
        expectedSeconds: EXPECTED.snapshot,
        ...whenMade(reads.snapshot, order.id, ({ sourceId }) => sameId(sourceId, order.disk)),
      }),

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
      const carries = (found: Tags | undefined) =>
        found !== undefined && Object.entries(tags).every(([name, value]) => found[name] === value);
      await session.write({
        id,
        doing: `tag VM ${nameOf(id)}`,
        expectedSeconds: enableBootDiagnostics ? EXPECTED.changeVm : EXPECTED.tagVm,
        call: ({ virtualMachines }, [group, name], options) =>
          virtualMachines.update(group, name, change, options),
        landed: when(read, id, (vm) => carries(vm?.tags)),
        finished: when(read, id, isSucceeded),
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
      return printedBy(output);
    },

    startCommand: (order) => {
      const body = commandBody(order);
      const started = when(reads.command, order.id, (command) => command !== undefined);
      return session.write({
        id: order.id,
        doing: `start run command ${nameOf(order.id)} in the guest`,
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
      return removeResource(bounded, id, { ...TYPES.command, read: readsOf(bounded).command });
    },

    ...vmWritesOf(session, reads),

    startVm: (id) =>
      power(id, 'start', EXPECTED.start, 'running', ({ virtualMachines }, [group, name], options) =>
        virtualMachines.start(group, name, options),
      ),

    deallocateVm: (id) =>
      power(
        id,
        'deallocate',
        EXPECTED.deallocate,
        'deallocated',
        (client, [group, name], options) => client.virtualMachines.deallocate(group, name, options),
      ),

    generalizeVm: async (id) => {
      await session.send({
        id,
        doing: `mark VM ${nameOf(id)} generalized`,
        call: (client, [group, name], options) =>
          client.virtualMachines.generalize(group, name, options),
        landed: when(reads.vm, id, (vm) => vm?.generalized),
      });
    },

    createVersion: async (order) => {
      const { created } = await session.send({
        ...sending({ make: 'version', order }),
        effect: 'made',
        // Whosever it is: the caller looks at the owner, and another request would not help.
        landed: when(reads.version, order.id, (version) => version !== undefined),
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
        landed: when(
          reads.version,
          id,
          (version) => version && !hasFailed(version) && holds(version, change),
        ),
      });
      if (!isOfTagsAlone(change)) session.own.changedAt = Date.now();
    },

    createImage: (order) =>
      session.write({
        ...sending({ make: 'image', order }),
        effect: 'made',
        expectedSeconds: EXPECTED.image,
        ...whenMade(reads.image, order.id, ({ sourceId }) => sameId(sourceId, order.vm)),
      }),

    remove: removalOf(session, reads),
  } satisfies Partial<Compute>;
}

/**
 * Whether only tags are changed: should another writer overwrite them, no region is lost. A request
 * that changes nothing is sent for the regions that failed.
 */
const isOfTagsAlone = ({ tags, ...rest }: VersionChange): boolean =>
  Object.keys(tags).length > 0 &&
  Object.values(rest).every((part) => Array.isArray(part) && part.length === 0);

/** The operation of a Run Command puts out `{value: [{code, message}]}`. */
const printedBy = (output: RunCommandResult | undefined): string =>
  (output?.value ?? []).map(({ message }) => message ?? '').join('\n');
