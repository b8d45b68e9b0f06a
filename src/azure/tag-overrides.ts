import { type Tags, tagValue } from '../domain/tags.ts';
import type { TagOverride } from '../run/ports.ts';

/**
 * What became of the tags that were sent. A policy of effect `modify` adds, replaces or removes tags
 * in the request itself, so Azure's own answer shows what it stored
 * (https://learn.microsoft.com/azure/governance/policy/concepts/effect-modify).
 */
export class TagOverrides {
  /** By resource ID in lower case: the tags as they were sent. */
  readonly #sent = new Map<string, Tags>();
  #untold: TagOverride[] = [];

  /** Compares what was sent with what Azure answered. */
  note(id: string, sent: Tags, answered: Tags): void {
    const key = id.toLowerCase();
    const known = this.#sent.get(key) ?? {};
    const found = Object.entries(sent).flatMap(([name, value]) => {
      const stored = tagValue(answered, name);
      return stored === value
        ? []
        : [{ id, name, sent: value, ...(stored !== undefined && { stored }) }];
    });
    if (found.length === 0) return;
    this.#untold.push(...found.filter(({ name, sent: value }) => known[name] !== value));
    const more = Object.fromEntries(found.map(({ name, sent: value }) => [name, value]));
    this.#sent.set(key, { ...known, ...more });
  }

  /** The tags of this resource that Azure stored otherwise, as they were sent. */
  of(id: string): Tags | undefined {
    return this.#sent.get(id.toLowerCase());
  }

  /** Those that were not told yet. */
  take(): readonly TagOverride[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }
}
