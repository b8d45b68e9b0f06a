import type { Observed } from '../../domain/observed.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import { isTaken, planCapture } from '../../plan/capture.ts';
import { captureRules } from '../../plan/preflight/capture-rules.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { type Origin, ownVersion, resolveCapture, sketchCapture } from '../../plan/resolve.ts';
import { observe, survey } from '../observe.ts';
import type { Operation } from '../operation.ts';

/** A build VM becomes an image version. */
export const captureOperation = (
  request: CaptureRequest,
  origin: Origin,
): Operation<CaptureTarget, Observed> => ({
  async prepare(compute, dryRun) {
    const seen = await survey(compute, request);
    const mine = ownVersion(request, origin, seen);
    const resolve = dryRun && !seen.vm && !mine ? sketchCapture : resolveCapture;
    const target = resolve(request, origin, seen);
    const findings = judge(captureRules, { request, survey: seen, target, mine, dryRun });
    return { target, findings, unchecked: [], owner: target?.owner ?? '' };
  },
  observe,
  plan: planCapture,
  isLost: isTaken,
  tags: ({ tags }) => tags,
});
