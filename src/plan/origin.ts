import { OWNER_TAG, SOURCE_TAG } from '../domain/owner.ts';
import { LONGEST_TAG_VALUE, type Tags } from '../domain/tags.ts';

/** Where a run comes from: goes into owner and provenance tags. */
export interface Origin {
  readonly repository: string;
  readonly runId: string;
  /** Who, what and when, as tags without the owner's own. */
  readonly provenance: Tags;
}

/** What is made of this source for this owner carries these tags beside those that were asked for. */
export const makingTags = (provenance: Tags, source: string, owner: string): Tags =>
  Object.fromEntries(
    Object.entries({ ...provenance, [SOURCE_TAG]: source, [OWNER_TAG]: owner }).map(
      ([name, value]) => [name, value.slice(0, LONGEST_TAG_VALUE)],
    ),
  );
