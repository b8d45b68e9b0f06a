import type { Observed } from '../../domain/observed.ts';
import type { CaptureRequest } from '../../domain/request.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import { isTaken, planCapture } from '../../plan/capture.ts';
import { captureRules } from '../../plan/preflight/capture-rules.ts';
import { judge } from '../../plan/preflight/rule.ts';
import { type Origin, ownVersion, resolveCapture } from '../../plan/resolve.ts';
import { observe, survey } from '../observe.ts';
import type { Operation } from '../operation.ts';

/** A build VM becomes an image version. */
export const captureOperation = (
  request: CaptureRequest,
  origin: Origin,
): Operation<CaptureTarget, Observed> => ({
  async prepare(compute) {
    const seen = await survey(compute, request);
    const target = resolveCapture(request, origin, seen);
    const mine = ownVersion(request, origin, seen);
    const findings = judge(captureRules, { request, survey: seen, target, mine });
    return { target, findings, owner: target?.owner ?? '' };
  },
  observe,
  plan: planCapture,
  isLost: isTaken,
  tags: ({ tags }) => tags,
});
