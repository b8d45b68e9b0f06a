/**
 * Governance tools that take tags from what exists, some time after it was written (as the actions
 * `tag-trim` and `untag` of cloud-custodian do).
 */
import type { Timeline } from '../clock.ts';
import { isObject } from '../json.ts';
import type { Resource, World } from '../world.ts';
import { fitsGlob } from './chance.ts';
import type { TagTool } from './document.ts';

/** Visits resources once, so long after each write. */
export class TagTools {
  readonly #world: World;
  readonly #timeline: Timeline;
  readonly #tools: readonly TagTool[];
  /** Ends every visit that is still to come. */
  readonly #visits = new Set<() => void>();

  constructor(world: World, timeline: Timeline, tools: readonly TagTool[]) {
    this.#world = world;
    this.#timeline = timeline;
    this.#tools = tools;
  }

  /** Everything that exists is due for a visit. */
  arm(): void {
    for (const { id } of this.#world.all()) this.written(id);
  }

  /** The resource was written just now. */
  written(id: string): void {
    for (const tool of this.#tools) {
      const callOff = this.#timeline.after(tool.afterSeconds, () => {
        this.#visits.delete(callOff);
        const resource = this.#world.get(id);
        if (resource !== undefined) trim(resource, tool);
      });
      this.#visits.add(callOff);
    }
  }

  callOff(): void {
    for (const callOff of this.#visits) callOff();
    this.#visits.clear();
  }
}

function trim(resource: Resource, { types, tags, keep = [] }: TagTool): void {
  if (!fitsGlob(types)(resource.type) || !isObject(resource.tags)) return;
  const isTaken = fitsGlob([tags]);
  const isKept = keep.length === 0 ? () => false : fitsGlob(keep);
  resource.tags = Object.fromEntries(
    Object.entries(resource.tags).filter(([name]) => !isTaken(name) || isKept(name)),
  );
}
