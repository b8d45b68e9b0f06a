import { refused } from '../domain/failure.ts';
import { noLatest, noSource } from '../domain/finding.ts';
import { latestOf } from '../domain/latest.ts';
import type { ImageVersion } from '../domain/observed.ts';
import { childId } from '../domain/resource-id.ts';
import { nearestName } from './nearest-name.ts';
import type { Prepared } from './operation.ts';
import type { Reads } from './ports.ts';

/** The version that is meant, as it is now, with its ID, which `latest` lacks where there is none. */
export async function meantVersion(
  compute: Reads,
  { definition, version: name }: { readonly definition: string; readonly version: string },
): Promise<{ readonly id?: string; readonly version?: ImageVersion }> {
  const id =
    name === 'latest'
      ? latestOf(await compute.versions(definition))?.id
      : childId(definition, 'versions', name);
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
