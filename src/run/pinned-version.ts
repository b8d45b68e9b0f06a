import type { Finding } from '../domain/finding.ts';
import { latestOf } from '../domain/latest.ts';
import { childId } from '../domain/resource-id.ts';
import type { Reads } from './ports.ts';

/**
 * The resource ID of the version that is meant; `latest` is looked up once and not again. `undefined`
 * where no version is the latest.
 */
export async function pinnedVersion(
  compute: Pick<Reads, 'versions'>,
  { definition, version }: { readonly definition: string; readonly version: string },
): Promise<string | undefined> {
  if (version !== 'latest') return childId(definition, 'versions', version);
  return latestOf(await compute.versions(definition))?.id;
}

/** What an operation has prepared that does not find its version. */
export const notFound = (finding: Finding) => ({
  found: undefined,
  findings: [finding],
  unchecked: [],
});
