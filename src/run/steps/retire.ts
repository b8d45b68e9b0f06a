import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import { companionsLeft } from '../companions.ts';
import type { Bench } from '../ports.ts';

/**
 * Deletes the captured VM and then, kind by kind, what was attached to it alone: an address cannot
 * go before its interface, nor that before the VM. Each is looked at once more before it goes.
 */
export async function retire(step: StepOf<'retire'>, { compute, report }: Bench) {
  if (await compute.vm(step.vm)) {
    await compute.deleteVm(step.vm);
    report.say(step, `Deleted ${nameOf(step.vm)}.`);
  }
  for (const kind of ['disk', 'nic', 'publicIp'] as const) {
    const all = step.companions.filter((companion) => companion.kind === kind);
    const left = await companionsLeft(compute, all, step.vm);
    await Promise.all(
      left.map(async (companion) => {
        await compute.deleteCompanion(companion);
        report.say(step, `Deleted ${nameOf(companion.id)}.`);
      }),
    );
  }
}
