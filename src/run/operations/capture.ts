import type { CaptureRequest } from '../../domain/request.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import { isTaken, planCapture } from '../../plan/capture.ts';
import { captureContext } from '../../plan/preflight/capture-context.ts';
import { captureRules } from '../../plan/preflight/capture-rules.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { type Origin, ownVersion, resolveCapture, sketchCapture } from '../../plan/resolve.ts';
import { locksAround, observe, takeInventory } from '../observe.ts';
import type { Operation } from '../operation.ts';

/** A build VM becomes an image version. */
export const captureOperation = (
  request: CaptureRequest,
  origin: Origin,
): Operation<CaptureTarget> => ({
  async prepare(compute, dryRun) {
    const inventory = await takeInventory(compute, request);
    const mine = ownVersion(request, origin, inventory);
    const resolve = dryRun && !inventory.vm && !mine ? sketchCapture : resolveCapture;
    const target = resolve(request, origin, inventory);
    const seen = target && (await observe(compute, target, inventory));
    const found = target && seen && { target, seen, steps: planCapture(target, seen) };
    const steps = found?.steps ?? [];
    const locks = await locksAround(compute, steps);
    const context = captureContext({
      request,
      inventory,
      target,
      mine,
      dryRun,
      steps,
      locks,
    });
    return { ...judge(captureRules, context), found };
  },
  observe: (compute, target) => observe(compute, target),
  plan: planCapture,
  isLost: isTaken,
});
