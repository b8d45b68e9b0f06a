import type { Owned } from '../domain/claim.ts';
import type { ImageVersion } from '../domain/gallery.ts';
import { memoryOf } from '../domain/removed-regions.ts';
import { sameId } from '../domain/resource-id.ts';
import { type Tags, tagValue } from '../domain/tags.ts';
import type { TagOverride } from '../run/ports.ts';
import type { Accepted, Poll } from './arm.ts';
import { LAG_SECONDS, type Write } from './operations.ts';

/** Writes of the same tag, each answered with it, after which its loss counts as settled. */
const MOST_WRITES = 3;

/** What is known of one resource. */
interface Known {
  /** When Azure accepted it, made by this run, `Date.now()`. */
  made?: number | undefined;
  /** Set when Azure said, by 201, that a write created it: what it was made of, as first shown. */
  created?: { readonly of: string | undefined } | undefined;
  /** The `uniqueId` of what this run made. */
  identity?: string | undefined;
  /** The last operation on it, and when that began. */
  operation?: Poll & { readonly began: number };
  /** Those tags, as they were sent, that Azure stored otherwise. */
  overridden?: Tags;
  /** By tag and value: how many writes Azure answered with this tag. */
  readonly kept: Map<string, number>;
  /** Names of the regions that a version was seen to have had. */
  regions?: Set<string>;
}

/**
 * What this run itself knows of its writes, which Azure does not show, or not yet; and what became of
 * the tags that were sent. A policy of effect `modify` adds, replaces or removes tags in the request
 * itself, so Azure's own answer shows what it stored
 * (https://learn.microsoft.com/azure/governance/policy/concepts/effect-modify).
 */
export class OwnWrites {
  /** How many were sent and may have taken effect. */
  count = 0;
  /** When Azure last accepted a change of a version, `Date.now()`. */
  changedAt: number | undefined;
  /** Versions, by ID in lower case, whose regions only this run allows Azure to delete: tags that say so can be lost. */
  readonly lent = new Set<string>();
  /** By resource ID in lower case. */
  readonly #resources = new Map<string, Known>();
  #untold: TagOverride[] = [];

  #of(id: string): Known {
    const key = id.toLowerCase();
    const known = this.#resources.get(key) ?? { kept: new Map() };
    this.#resources.set(key, known);
    return known;
  }

  /** Takes down a write that Azure has accepted. */
  note({ id, effect, tags }: Pick<Write, 'id' | 'effect' | 'tags'>, accepted: Accepted): void {
    const known = this.#of(id);
    if (accepted.poll) known.operation = { ...accepted.poll, began: Date.now() };
    if (effect === 'made') known.made = Date.now();
    if (effect === 'made' && accepted.created) known.created = { of: undefined };
    if (effect === 'removed') {
      known.made = undefined;
      known.created = undefined;
      known.identity = undefined;
    }
    if (!tags || !accepted.tags) return;
    for (const [name, value] of Object.entries(tags)) {
      const tag = JSON.stringify([name, value]);
      if (tagValue(accepted.tags, name) === value)
        known.kept.set(tag, (known.kept.get(tag) ?? 0) + 1);
    }
    this.#settle(known, differing(id, tags, accepted.tags));
  }

  identify(id: string, uniqueId: string | undefined): void {
    this.#of(id).identity = uniqueId;
  }

  identityOf(id: string): string | undefined {
    return this.#of(id).identity;
  }

  operationOn(id: string) {
    return this.#of(id).operation;
  }

  hasCreated(id: string): boolean {
    return this.#of(id).created !== undefined;
  }

  /** Whether a resource was made so recently that Azure possibly does not show it yet. */
  mayLag(id: string): boolean {
    const { made } = this.#of(id);
    return made !== undefined && Date.now() - made < LAG_SECONDS * 1000;
  }

  /** Adds to what was read of a resource that this run created it, and which of its tags were changed. */
  known<
    T extends Owned &
      Partial<Pick<ImageVersion, 'regions' | 'removed' | 'overridden' | 'regionDeletion'>>,
  >(id: string, facts: T): T {
    const known = this.#of(id);
    const { regions = [], removed = [] } = facts;
    const isNew = isCreatedHere(known, facts);
    // Of a version that this attempt has made, no region was taken away before.
    known.regions ??= new Set(isNew ? [] : removed.map(({ name }) => name));
    const had = known.regions;
    for (const { name } of regions) had.add(name);
    const untrue = removed
      .filter(({ name }) => !had.has(name))
      .flatMap(({ name }) => Object.keys(memoryOf({ name })));
    this.#settle(known, [
      ...lostOf(id, known, facts.tags),
      ...untrue.map((name) => ({ id, name, sent: '' })),
    ]);
    const { overridden } = known;
    return {
      ...facts,
      // A policy adds a tag that remembers a region to any version, yet takes no region away.
      ...(facts.removed && { removed: removed.filter(({ name }) => had.has(name)) }),
      ...(facts.regionDeletion && this.lent.has(id.toLowerCase()) && { regionDeletion: 'for-now' }),
      ...(isNew && { createdHere: true }),
      ...(overridden && { overridden }),
    };
  }

  #settle(known: Known, found: readonly TagOverride[]): void {
    for (const each of found) {
      if (known.overridden?.[each.name] !== each.sent) this.#untold.push(each);
      known.overridden = { ...known.overridden, [each.name]: each.sent };
    }
  }

  /** Tags that Azure did not store as they were sent; each is given once. */
  takeOverrides(): readonly TagOverride[] {
    return this.#untold.splice(0);
  }
}

/** Somebody can delete what was created here, and make something else under its name. */
function isCreatedHere(known: Known, { sourceId }: Owned): boolean {
  if (!known.created) return false;
  const madeOf = known.created.of ?? sourceId;
  const isSame = sourceId === undefined || sameId(madeOf, sourceId);
  known.created = isSame ? { of: madeOf } : undefined;
  return isSame;
}

/**
 * Compares what was sent, and kept at first, with what a later read shows. A tool that changes
 * tags after each write would have the same write sent for ever.
 */
function lostOf(id: string, { kept }: Known, read: Tags): TagOverride[] {
  const settled = [...kept].filter(([, times]) => times >= MOST_WRITES);
  const sent = settled.map(([tag]) => JSON.parse(tag) as [name: string, value: string]);
  const lost = differing(id, Object.fromEntries(sent), read);
  return lost.map((each) => ({ ...each, afterWrites: MOST_WRITES }));
}

const differing = (id: string, sent: Tags, found: Tags): TagOverride[] =>
  Object.entries(sent).flatMap(([name, value]) => {
    const stored = tagValue(found, name);
    return stored === value
      ? []
      : [{ id, name, sent: value, ...(stored !== undefined && { stored }) }];
  });
