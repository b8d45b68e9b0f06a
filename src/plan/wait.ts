import type { State } from '../domain/observed.ts';
import type { WaitTarget } from '../domain/target.ts';
import type { Step } from './plan.ts';
import { hasWaited } from './replicated.ts';
import { wait } from './waiting.ts';

/** Waiting, until the version is as far as was asked for; a version that is gone ends the wait. */
export function planWait(
  { request, version: id, location, regions }: WaitTarget,
  { version }: Pick<State, 'version'>,
): Step[] {
  if (version && hasWaited(request.waitFor, location, version)) return [];
  const wanted = version?.regions ?? regions;
  const { waitFor: until } = request;
  const watching = { version: id, home: location, regions: wanted, until };
  return [wait('replicate', watching)];
}
