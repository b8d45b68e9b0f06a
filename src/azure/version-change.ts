import type { GalleryImageVersion } from '@azure/arm-compute';
import type { VersionChange } from '../domain/version-order.ts';
import { isStillFailed } from '../plan/region-repair.ts';
import { isStaleList, StaleFacts } from '../run/interruption.ts';
import { updatedBody } from './bodies.ts';
import { versionFacts } from './gallery-facts.ts';

/**
 * Seconds within which a version is written after it was asked for: Azure has no conditional PUT
 * for versions (no `If-Match` in GalleryRP.json, no etag in what it answers), so what another
 * writer does between the two is overwritten. The shorter, the rarer.
 */
const FRESH_SECONDS = 10;
/** A slow network is no reason never to write. */
const MOST_READS = 3;

/** How a version is read, and written. */
interface Access {
  /** With its replication. */
  readonly read: () => Promise<GalleryImageVersion>;
  readonly put: (body: GalleryImageVersion) => Promise<unknown>;
  /** Versions whose regions only this run allows Azure to delete, by ID in lower case. */
  readonly lent: Set<string>;
}

/**
 * Reads the version, lays the change over it, and sends it at once.
 *
 * Throws `StaleFacts` when a region that is to be removed for now is not what it was, or has not failed any
 * more; else what Azure throws.
 */
export async function sendChange(
  id: string,
  change: VersionChange,
  { read, put, lent }: Access,
): Promise<void> {
  const key = id.toLowerCase();
  const send = async (found: GalleryImageVersion, mayDelete?: boolean) => {
    const isLent = lent.has(key);
    const body = updatedBody(found, change, { isLent, ...(mayDelete && { mayDelete }) });
    const allows = body.safetyProfile?.allowDeletionOfReplicatedLocations;
    // Before it is sent: its answer can be lost.
    if (allows && !found.safetyProfile?.allowDeletionOfReplicatedLocations) lent.add(key);
    await put(body);
    if (!allows) lent.delete(key);
  };
  const found = await fresh(read);
  requireUntouched(id, found, change);
  try {
    await send(found);
  } catch (thrown) {
    const removesForNow = (change.removeForNow ?? []).length > 0;
    if (!removesForNow || !(thrown instanceof Error && isStaleList(thrown))) throw thrown;
    // Either Azure counts the failed region as replicated, or another writer has added one.
    const again = await fresh(read);
    requireUntouched(id, again, change);
    if (!sameRegions(found, again)) throw thrown;
    await send(again, true);
  }
}

async function fresh(read: Access['read']): Promise<GalleryImageVersion> {
  for (let reads = 1; ; reads++) {
    const began = Date.now();
    const found = await read();
    if (Date.now() - began <= FRESH_SECONDS * 1000 || reads === MOST_READS) return found;
  }
}

/**
 * What another writer has changed about a region since it was looked at is not to be lost, nor a
 * copy that the same request of another has repaired meanwhile: a busy version is waited for, which
 * may take hours.
 */
function requireUntouched(id: string, found: GalleryImageVersion, change: VersionChange): void {
  const version = versionFacts(id, found);
  for (const region of change.removeForNow ?? [])
    if (!isStillFailed(version, region))
      throw new StaleFacts(
        `another writer changed or repaired ${region.name} before it was taken away`,
      );
}

const namesIn = (version: GalleryImageVersion): string =>
  (version.publishingProfile?.targetRegions ?? []).map(({ name }) => name).join();

const sameRegions = (one: GalleryImageVersion, other: GalleryImageVersion): boolean =>
  namesIn(one) === namesIn(other);
