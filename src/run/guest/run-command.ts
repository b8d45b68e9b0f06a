import type { OsType } from '../../domain/observed.ts';
import type { StepContext } from '../ports.ts';
import { aborted } from '../wait.ts';

/** What came of asking a guest: what it printed, or why nothing is known; neither when nothing came in time. */
export interface Reply {
  readonly printed?: string;
  readonly failure?: unknown;
}

/**
 * Has a guest run a script by Run Command. Waits until `limit` is aborted: the command never ends when
 * the agent stops before it has reported (azure-sdk-for-net#13879, WALinuxAgent#3547).
 */
export async function runInGuest(
  { compute, signal }: StepContext,
  vm: string,
  script: string,
  limit: AbortSignal,
  osType?: OsType,
): Promise<Reply> {
  try {
    const running = compute.runScript(vm, script, limit, osType);
    return { printed: await Promise.race([running, aborted(limit)]) };
  } catch (failure) {
    signal.throwIfAborted();
    return limit.aborted ? {} : { failure };
  }
}
