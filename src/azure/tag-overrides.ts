import { memoryOf } from '../domain/removed-regions.ts';
import { type Tags, tagValue } from '../domain/tags.ts';
import type { TagOverride } from '../run/ports.ts';

/** Writes of the same tag, each answered with it, after which its loss counts as settled. */
const MOST_WRITES = 3;

/**
 * What became of the tags that were sent. A policy of effect `modify` adds, replaces or removes tags
 * in the request itself, so Azure's own answer shows what it stored
 * (https://learn.microsoft.com/azure/governance/policy/concepts/effect-modify).
 */
export class TagOverrides {
  /** By resource ID in lower case: the tags as they were sent. */
  readonly #sent = new Map<string, Tags>();
  /** By resource ID in lower case, tag and value: how many writes Azure answered with this tag. */
  readonly #kept = new Map<string, number>();
  /** By resource ID in lower case: names of the regions that a version was seen to have had. */
  readonly #regions = new Map<string, Set<string>>();
  #untold: TagOverride[] = [];

  note(id: string, sent: Tags, answered: Tags): void {
    const key = id.toLowerCase();
    for (const [name, value] of Object.entries(sent)) {
      const tag = JSON.stringify([key, name, value]);
      if (tagValue(answered, name) === value) this.#kept.set(tag, (this.#kept.get(tag) ?? 0) + 1);
    }
    this.#settle(id, differing(id, sent, answered));
  }

  /**
   * Compares what was sent, and kept at first, with what a later read shows. A tool that changes
   * tags after each write would have the same write sent for ever.
   */
  look(id: string, read: Tags): void {
    const key = id.toLowerCase();
    const sent = [...this.#kept].flatMap(([text, times]) => {
      const [of, name, value] = JSON.parse(text) as [string, string, string];
      return of === key && times >= MOST_WRITES ? [[name, value] as const] : [];
    });
    const lost = differing(id, Object.fromEntries(sent), read);
    this.#settle(
      id,
      lost.map((each) => ({ ...each, afterWrites: MOST_WRITES })),
    );
  }

  /**
   * Those of the regions remembered by tags that the version has had. A policy adds a tag to any version,
   * yet takes no region away.
   *
   * @param isNew this attempt has made the version, so that nothing was taken away before
   */
  believed<R extends { readonly name: string }>(
    id: string,
    { regions = [], removed = [] }: { regions?: readonly R[]; removed?: readonly R[] },
    isNew: boolean,
  ): R[] {
    const key = id.toLowerCase();
    const had = this.#regions.get(key) ?? new Set(isNew ? [] : removed.map(({ name }) => name));
    for (const { name } of regions) had.add(name);
    this.#regions.set(key, had);
    const untrue = removed.filter(({ name }) => !had.has(name));
    const found = untrue.flatMap(({ name }) => Object.keys(memoryOf({ name })));
    this.#settle(
      id,
      found.map((name) => ({ id, name, sent: '' })),
    );
    return removed.filter(({ name }) => had.has(name));
  }

  #settle(id: string, found: readonly TagOverride[]): void {
    if (found.length === 0) return;
    const key = id.toLowerCase();
    const known = this.#sent.get(key) ?? {};
    this.#untold.push(...found.filter(({ name, sent }) => known[name] !== sent));
    const more = Object.fromEntries(found.map(({ name, sent }) => [name, sent]));
    this.#sent.set(key, { ...known, ...more });
  }

  /** The tags of this resource that Azure stored otherwise, as they were sent. */
  of(id: string): Tags | undefined {
    return this.#sent.get(id.toLowerCase());
  }

  take(): readonly TagOverride[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }
}

function differing(id: string, sent: Tags, found: Tags): TagOverride[] {
  return Object.entries(sent).flatMap(([name, value]) => {
    const stored = tagValue(found, name);
    return stored === value
      ? []
      : [{ id, name, sent: value, ...(stored !== undefined && { stored }) }];
  });
}
