import type { RestoreRequest } from '../../domain/request.ts';
import type { RestoreTarget } from '../../domain/target.ts';
import { preflight } from '../../plan/preflight/chapters.ts';
import type { Origin } from '../../plan/resolve.ts';
import { resolveRestore, restoreOwner } from '../../plan/resolve-restore.ts';
import { planRestore } from '../../plan/restore.ts';
import { observeRestore, takeRestoreInventory } from '../observe-restore.ts';
import type { Operation } from '../operation.ts';
import { lookAround } from '../surroundings.ts';

/** A VM comes back as it was when snapshots of its disks were taken. */
export const restoreOperation = (
  request: RestoreRequest,
  origin: Origin,
): Operation<RestoreTarget> => ({
  async prepare(compute, dryRun) {
    const inventory = await takeRestoreInventory(compute, request, restoreOwner(request, origin));
    const target = resolveRestore(request, origin, inventory);
    const seen = target && (await observeRestore(compute, target));
    const found = target && seen && { target, seen, steps: planRestore(target, seen) };
    const around = await lookAround(compute, found, inventory);
    return { ...preflight('restore', { request, target, dryRun, origin, ...around }), found };
  },
  observe: observeRestore,
  plan: planRestore,
});
