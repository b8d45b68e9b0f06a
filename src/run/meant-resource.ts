import { closest } from '../domain/closest.ts';
import { refused } from '../domain/failure.ts';
import { noLatest, noSource } from '../domain/finding.ts';
import type { ImageVersion } from '../domain/gallery.ts';
import { latestOf } from '../domain/latest.ts';
import { nameOf, parentId, parseResourceId, versionId } from '../domain/resource-id.ts';
import type { Prepared } from './operation.ts';
import type { Reads } from './ports.ts';
import { ifAllowed } from './reading.ts';

/** The version that is meant, as it is now, with its ID, which only `latest` can lack. */
export async function meantVersion(
  compute: Reads,
  { definition, version: name }: { readonly definition: string; readonly version: string },
) {
  const id =
    name === 'latest'
      ? latestOf(await compute.versions(definition))?.id
      : versionId(definition, name);
  return { id, version: id ? await compute.version(id) : undefined };
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

/**
 * The name that was probably meant where a resource was not found: the closest of those that stand
 * beside it, or where its parent is missing too, beside that. `undefined` when none is near, and when
 * the name itself is listed.
 */
async function nearestName(compute: Reads, id: string): Promise<string | undefined> {
  for (let at = id; parseResourceId(at); at = parentId(at)) {
    const names = (await ifAllowed(compute.namesBeside(at))) ?? [];
    if (names.length === 0) continue;
    const wanted = nameOf(at).toLowerCase();
    return names.some((name) => name.toLowerCase() === wanted) ? undefined : closest(wanted, names);
  }
  return undefined;
}

/** The names that were probably meant, of those of these resources that are missing. */
export async function nearestNames<K extends string>(
  compute: Reads,
  missing: Readonly<Record<K, string | undefined>>,
): Promise<{ readonly [_ in K]?: string }> {
  const all = Object.entries<string | undefined>(missing).map(async ([key, id]) => {
    const name = id && (await nearestName(compute, id));
    return name ? [[key, name]] : [];
  });
  return Object.fromEntries((await Promise.all(all)).flat());
}
