import { nameOf } from '../../domain/resource-id.ts';
import type { StepContext } from '../ports.ts';

/** Seconds for a deletion that takes half a minute; then it is left to Azure, which has accepted it. */
const MOST_SECONDS = 15 * 60;

/**
 * Deletes a throw-away VM; one that Azure is still deleting is warned of, and nothing waits for it.
 *
 * @returns whether it is gone
 */
export async function removeThrowAway(
  id: string,
  { compute, report }: Pick<StepContext, 'compute' | 'report'>,
): Promise<boolean> {
  try {
    await compute.remove(id, MOST_SECONDS);
    return true;
  } catch (thrown) {
    if ((await compute.vm(id))?.provisioningState !== 'Deleting') throw thrown;
    report.warn(
      `Azure is still deleting the throw-away VM \`${nameOf(id)}\`, and the run does not wait for it. Check later that it is gone: \`az vm show --ids ${id}\``,
    );
    return false;
  }
}
