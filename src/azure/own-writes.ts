import type { ImageVersion } from '../domain/observed.ts';
import type { Owned } from '../domain/owner.ts';
import { sameId } from '../domain/resource-id.ts';
import type { Poll } from './arm.ts';
import { type Accepted, LAG_SECONDS } from './operations.ts';
import { TagOverrides } from './tag-overrides.ts';

/** What this run itself knows of its writes, which Azure does not show, or not yet. */
export class OwnWrites {
  /** How many were sent and may have taken effect. */
  count = 0;
  /** When Azure last accepted a change of a version, `Date.now()`. */
  changedAt: number | undefined;
  /** Tags that Azure stored otherwise than they were sent. */
  readonly overrides = new TagOverrides();
  /** Versions, by ID in lower case, whose regions only this run allows Azure to delete: tags that say so can be lost. */
  readonly lent = new Set<string>();
  /** When Azure accepted each resource that was made, `Date.now()`. */
  readonly #made = new Map<string, number>();
  /** What Azure said, by 201, that a write created, by ID in lower case: what it was made of, as first shown. */
  readonly #created = new Map<string, string | undefined>();
  /** The last operation on each resource, and when it began. */
  readonly #operations = new Map<string, Poll & { readonly began: number }>();

  /** Takes down a write that Azure has accepted. */
  note(id: string, { poll, created }: Accepted, effect: 'made' | 'removed' | undefined): void {
    const key = id.toLowerCase();
    if (poll) this.#operations.set(key, { ...poll, began: Date.now() });
    if (effect === 'made') this.#made.set(key, Date.now());
    if (effect === 'made' && created) this.#created.set(key, undefined);
    if (effect === 'removed') {
      this.#made.delete(key);
      this.#created.delete(key);
    }
  }

  operationOn(id: string) {
    return this.#operations.get(id.toLowerCase());
  }

  hasCreated(id: string): boolean {
    return this.#created.has(id.toLowerCase());
  }

  /** Whether a resource was made so recently that Azure possibly does not show it yet. */
  mayLag(id: string): boolean {
    const made = this.#made.get(id.toLowerCase());
    return made !== undefined && Date.now() - made < LAG_SECONDS * 1000;
  }

  /** Adds to what was read of a resource that this run created it, and which of its tags were changed. */
  known<
    T extends Owned &
      Partial<Pick<ImageVersion, 'regions' | 'removed' | 'overridden' | 'regionDeletion'>>,
  >(id: string, facts: T): T {
    this.overrides.look(id, facts.tags);
    const isNew = this.#isCreatedHere(id.toLowerCase(), facts);
    const believed = this.overrides.believed(id, facts, isNew);
    const overridden = this.overrides.of(id);
    return {
      ...facts,
      ...(facts.removed && { removed: believed }),
      ...(facts.regionDeletion && this.lent.has(id.toLowerCase()) && { regionDeletion: 'for-now' }),
      ...(isNew && { createdHere: true }),
      ...(overridden && { overridden }),
    };
  }

  /** Somebody can delete what was created here, and make something else under its name. */
  #isCreatedHere(key: string, { sourceId }: Owned): boolean {
    if (!this.#created.has(key)) return false;
    const madeOf = this.#created.get(key) ?? sourceId;
    if (sourceId === undefined || sameId(madeOf, sourceId)) this.#created.set(key, madeOf);
    else this.#created.delete(key);
    return this.#created.has(key);
  }
}
