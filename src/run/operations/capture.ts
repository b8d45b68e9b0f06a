import type { Observed } from '../../domain/observed.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import { isTaken, planCapture } from '../../plan/capture.ts';
import { captureFacts, lackingOf } from '../../plan/preflight/capture-facts.ts';
import { captureRules } from '../../plan/preflight/capture-rules.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { type Origin, ownVersion, resolveCapture, sketchCapture } from '../../plan/resolve.ts';
import { locksAround, observe, survey } from '../observe.ts';
import type { Operation } from '../operation.ts';

/** A build VM becomes an image version. */
export const captureOperation = (
  request: CaptureRequest,
  origin: Origin,
): Operation<CaptureTarget, Observed> => ({
  async prepare(compute, dryRun) {
    const surveyed = await survey(compute, request);
    const mine = ownVersion(request, origin, surveyed);
    const resolve = dryRun && !surveyed.vm && !mine ? sketchCapture : resolveCapture;
    const target = resolve(request, origin, surveyed);
    const seen = target && (await observe(compute, target, surveyed));
    const found = target && seen && { target, seen, steps: planCapture(target, seen) };
    const steps = found?.steps ?? [];
    const locks = await locksAround(compute, steps);
    const facts = captureFacts({ request, survey: surveyed, target, mine, dryRun, steps, locks });
    return { ...judge(captureRules, facts, { dryRun, lacking: lackingOf(facts) }), found };
  },
  observe: (compute, target) => observe(compute, target),
  plan: planCapture,
  isLost: isTaken,
});
