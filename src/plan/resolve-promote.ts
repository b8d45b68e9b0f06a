import type { PromoteSurvey } from '../domain/observed.ts';
import type { PromoteRequest } from '../domain/request.ts';
import type { PromoteTarget } from '../domain/target.ts';
import type { Origin } from './resolve.ts';
import { resolveCopy } from './resolve-copy.ts';
import { resolveInPlace } from './resolve-in-place.ts';

/** Pins what the request leaves open; `undefined` when the survey lacks what a target is made of. */
export function resolvePromote(
  request: PromoteRequest,
  origin: Origin,
  survey: PromoteSurvey,
): PromoteTarget | undefined {
  const { source } = survey;
  if (!source) return undefined;
  return request.destination
    ? resolveCopy(request, origin, { ...survey, source }, request.destination)
    : resolveInPlace(request, source);
}
