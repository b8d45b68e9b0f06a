import { nameOf } from '../domain/resource-id.ts';
import { EXPECTED } from '../plan/durations.ts';
import type { Compute } from '../run/ports.ts';
import { commandBody } from './bodies.ts';
import { type ReadingHalf, readCommand } from './reads.ts';
import { removeResource, when } from './removal.ts';
import type { Session } from './session.ts';

/** Azure ends a Run Command after 90 minutes (virtual-machines/linux/run-command). */
const MOST_SECONDS = 92 * 60;

/** The writes that run something in a guest. */
export function guestWritesOf(session: Session, reads: ReadingHalf) {
  return {
    runScript: async (vm, script, limit, osType = 'Linux') => {
      const output = await session.within(limit).write({
        id: vm,
        doing: `run a script in VM ${nameOf(vm)}`,
        expectedSeconds: EXPECTED.runCommand,
        mostSeconds: MOST_SECONDS,
        call: (client, [group, name], options) =>
          client.virtualMachines.runCommand(
            group,
            name,
            {
              commandId: osType === 'Windows' ? 'RunPowerShellScript' : 'RunShellScript',
              script: script.split('\n'),
            },
            options,
          ),
        untilFree: true,
      });
      return printedBy(output);
    },

    startCommand: async (order) => {
      const started = when(reads.command, order.id, (command) => command !== undefined);
      await session.write({
        id: order.id,
        doing: `start run command ${nameOf(order.id)} in the guest`,
        effect: 'made',
        expectedSeconds: EXPECTED.command,
        call: (client, [group, vm, name], options) =>
          client.virtualMachineRunCommands.createOrUpdate(
            group,
            vm,
            name,
            commandBody(order),
            options,
          ),
        landed: started,
        finished: started,
      });
    },

    deleteCommand: (id, limit) => {
      const bounded = session.within(limit);
      return removeResource(bounded, {
        id,
        what: 'run command',
        read: () => readCommand(bounded, id),
        call: (client, [group, vm, name], options) =>
          client.virtualMachineRunCommands.delete(group, vm, name, options),
      });
    },
  } satisfies Partial<Compute>;
}

/** The operation of a Run Command puts out `{value: [{code, message}]}`. */
function printedBy(output: unknown): string {
  const { value } = (output ?? {}) as { value?: readonly { readonly message?: string }[] };
  return (value ?? []).map(({ message }) => message ?? '').join('\n');
}
