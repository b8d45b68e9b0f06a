import type { State } from '../domain/observed.ts';
import type { WaitTarget } from '../domain/target.ts';
import { type Step, step } from './plan.ts';
import { hasWaited } from './replicated.ts';

/** Waiting, until the version is as far as was asked for; a version that is gone ends the wait. */
export function planWait(
  { request: { waitFor: until }, version: id, location: home, regions: asked }: WaitTarget,
  { version }: Pick<State, 'version'>,
): Step[] {
  if (version && hasWaited(until, home, version)) return [];
  const regions = version?.regions ?? asked;
  return [step('replicate', { label: 'replicate', version: id, home, regions, until })];
}
