import { isRefusal, refused } from '../domain/failure.ts';
import type { ImageUse, ImageVersion } from '../domain/gallery.ts';
import { isNowhere, latestAnywhere } from '../domain/latest.ts';
import { distinctBy } from '../domain/plain-objects.ts';
import type { PruneRequest } from '../domain/request.ts';
import {
  groupOf,
  nameOf,
  parentId,
  sameId,
  VIRTUAL_MACHINE,
  versionId,
} from '../domain/resource-id.ts';
import { lockOn } from '../domain/subscription.ts';
import {
  isForgotten,
  isThrowAwayOf,
  taggedThrowAway,
  throwAwayName,
} from '../domain/throw-away.ts';
import { highestFirst } from '../domain/version-number.ts';
import { allows } from '../plan/needed-rights.ts';
import type { PruneFacts } from '../plan/prune.ts';
import { locksOn } from './observe.ts';
import type { Reads } from './ports.ts';
import { allReads, ifAllowed, inTurn } from './reading.ts';

/** What decides which versions go, as far as it could be looked at. */
export interface PruneSight extends PruneFacts {
  /** Subscriptions in which users could not be looked for, and why. */
  readonly unreadable: readonly { readonly subscription: string; readonly why: string }[];
  /** IDs of throw-away VMs that use a version only because nobody deleted them; not among `uses`. */
  readonly forgotten: readonly { readonly id: string; readonly version: string }[];
}

/** Failed versions that are read besides those that one run can delete: some of them have to stay. */
const MOST_KEPT = 100;

/** Looks at the versions, and at all that may keep one of them; reads only. */
export async function lookAtVersions(compute: Reads, request: PruneRequest): Promise<PruneSight> {
  const { definition: id, snapshots: retention } = request;
  const [listed, users, locks] = await allReads([
    compute.versions(id),
    lookForUsers(compute, request),
    locksOn(compute, [id, ...(retention ? [retention.vm] : [])]),
  ]);
  const now = azureTime(compute);
  const [versions, forgotten] = await Promise.all([
    looked(compute, request, listed),
    forgottenAmong(compute, id, users.uses, now),
  ]);
  const gone = new Set(forgotten.map((vm) => vm.id));
  return {
    now,
    versions,
    ...users,
    uses: users.uses.filter(({ by }) => !gone.has(by)),
    forgotten,
    copies: [...users.copies, ...versions],
    locks,
  };
}

/** What is young is judged by Azure's clock alone: a runner's can be wrong by years. */
function azureTime(compute: Reads): Date {
  const now = compute.azureTime();
  if (now) return now;
  throw refused({
    what: 'The answers of Azure carry no `Date`, so the age of the versions is not known.',
    why: 'A proxy on the way removes the header.',
    remedy: 'Let the proxy pass the header `Date` of `management.azure.com` on, then run again.',
  });
}

/**
 * Who uses the versions, and what is made of them: in every subscription that was named, and in the
 * other definitions of the gallery.
 */
async function lookForUsers(
  compute: Reads,
  { usageSubscriptions, definition }: PruneRequest,
): Promise<Pick<PruneSight, 'uses' | 'copies' | 'unreadable'>> {
  const uses: ImageUse[] = [];
  const [copies, gallery] = await Promise.all([
    siblingsOf(compute, definition),
    compute.gallery(parentId(definition)),
  ]);
  const names = [
    definition,
    ...(gallery?.sharedAs ?? []).map((path) => `${path}/Images/${nameOf(definition)}`),
  ];
  const unreadable: PruneSight['unreadable'][number][] = [];
  await Promise.all(
    usageSubscriptions.map(async (subscription) => {
      try {
        const found = await compute.imageUses(subscription, names);
        const made = found && (await compute.copies(subscription, definition));
        if (!found || !made)
          throw refused({
            what: `Azure shows no subscription \`${subscription}\` to this identity.`,
          });
        uses.push(...found);
        copies.push(...made);
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        unreadable.push({ subscription, why: thrown.why ?? thrown.what });
      }
    }),
  );
  return { uses, copies, unreadable };
}

/** The versions of the other definitions of the gallery: copies may be among them. */
async function siblingsOf(compute: Reads, definition: string): Promise<ImageVersion[]> {
  const all = await compute.definitions(parentId(definition));
  const others = all.filter((id) => !sameId(id, definition));
  return (await inTurn(others, (id) => compute.versions(id))).flat();
}

/**
 * The versions, those with their replication of which it matters: what may be `latest` in some region,
 * and failed ones, oldest first, somewhat more than one run deletes. Others stay unread, and so stay.
 */
async function looked(
  compute: Reads,
  { maxDeletions }: PruneRequest,
  listed: readonly ImageVersion[],
): Promise<ImageVersion[]> {
  const versions = new Map(highestFirst(listed).map((version) => [version.name, version]));
  const read = (all: readonly ImageVersion[]) =>
    inTurn(all, async ({ id, name }) => {
      const found = await compute.version(id);
      if (found) versions.set(name, found);
      else versions.delete(name);
    });
  const failed = listed
    .filter(({ provisioningState }) => provisioningState === 'Failed')
    .sort((a, b) => (a.published?.getTime() ?? 0) - (b.published?.getTime() ?? 0));
  await read(failed.slice(0, maxDeletions + MOST_KEPT));
  const done = new Set<string>();
  for (;;) {
    const heads = [...latestAnywhere([...versions.values()]).keys()];
    const unread = heads.flatMap((name) => {
      const version = versions.get(name);
      return version && isNowhere(version) === undefined && !done.has(name) ? [version] : [];
    });
    if (unread.length === 0) return [...versions.values()];
    await read(unread);
    for (const { name } of unread) done.add(name);
  }
}

/** Of those who use a definition's versions, the throw-away VMs that may be deleted with their version. */
async function forgottenAmong(
  compute: Reads,
  definition: string,
  uses: readonly ImageUse[],
  now: Date,
): Promise<PruneSight['forgotten']> {
  const found = await Promise.all(
    uses.map(async ({ by, how, version: number }) => {
      if (how !== 'vm' || number === undefined) return [];
      const version = versionId(definition, number);
      const isNamed = nameOf(by).toLowerCase() === throwAwayName(version);
      const forgets = isNamed && (await mayForget(compute, version, by, now));
      return forgets ? [{ id: by, version }] : [];
    }),
  );
  return found.flat();
}

/** The throw-away VMs that go with these versions, whether users of the image were looked for or not. */
export async function forgottenWith(
  compute: Reads,
  { forgotten, now }: PruneSight,
  versions: readonly ImageVersion[],
): Promise<string[]> {
  const known = forgotten.filter((vm) => versions.some(({ id }) => sameId(id, vm.version)));
  const tagged = await inTurn(versions, async (version) => {
    const id = taggedThrowAway(version);
    const may = id && (await ifAllowed(mayForget(compute, version.id, id, now)));
    return may ? [id] : [];
  });
  const all = [...known.map(({ id }) => id), ...tagged.flat()];
  return distinctBy(all, (id) => id.toLowerCase());
}

/** Whether a VM is a version's, its verification is dead, and nothing keeps this identity from deleting it. */
async function mayForget(compute: Reads, version: string, id: string, now: Date): Promise<boolean> {
  const vm = await compute.vm(id);
  if (!vm || !isThrowAwayOf(version, vm) || !isForgotten(vm, now)) return false;
  const [permissions, locks] = await Promise.all([
    ifAllowed(compute.permissions(groupOf(id))),
    ifAllowed(compute.locks(groupOf(id))),
  ]);
  return (!permissions || allows(permissions, `${VIRTUAL_MACHINE}/delete`)) && !lockOn(id, locks);
}

/** Throws when users can not be looked for any more while a run is at work. */
export function requireSight({ unreadable: [first] }: PruneSight): void {
  if (!first) return;
  throw refused({
    what: `Users of the image could not be looked for in \`${first.subscription}\` any more.`,
    why: first.why,
    remedy:
      'Give the identity the right to read the subscription, then re-run the failed job; it deletes what is left.',
  });
}
