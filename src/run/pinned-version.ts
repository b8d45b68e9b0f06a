import { refused } from '../domain/failure.ts';
import { latestOf } from '../domain/latest.ts';
import type { ImageVersion } from '../domain/observed.ts';
import { childId } from '../domain/resource-id.ts';
import { noLatest, noSource } from '../plan/source-version.ts';
import { nearestName } from './nearest-name.ts';
import type { Prepared } from './operation.ts';
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

/** The version that is meant, as it is now, with its ID, which `latest` may lack. */
export async function meantVersion(
  compute: Reads,
  request: { readonly definition: string; readonly version: string },
): Promise<{ readonly id?: string; readonly version?: ImageVersion }> {
  const id = await pinnedVersion(compute, request);
  if (!id) return {};
  const version = await compute.version(id);
  return { id, ...(version && { version }) };
}

/** What an operation has prepared that does not find its version, or the definition of it. */
export async function notFound(
  compute: Reads,
  definition: string,
  id: string | undefined,
): Promise<Prepared<never>> {
  const near = await nearestName(compute, id ?? definition);
  const finding = id ? noSource(id, near) : noLatest(definition, near);
  return { found: undefined, findings: [finding], unchecked: [] };
}

/** The version of a run that makes none, as it is now. */
export async function stillThere(compute: Reads, id: string): Promise<ImageVersion> {
  const version = await compute.version(id);
  if (version) return version;
  throw refused({
    what: `The image version ${id} disappeared during the run.`,
    why: 'Somebody deleted it.',
    remedy: 'The activity log of the gallery shows who. Create the version again.',
  });
}
