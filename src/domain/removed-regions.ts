import { isRecord, jsonIn } from './plain-objects.ts';
import { MOST_REPLICAS, STORAGE_ACCOUNT_TYPES, sameRegion } from './regions.ts';
import { OUR_PREFIX, type Tags, tagParts, tagsWhere, tagValue } from './tags.ts';

/*
 * A region that Azure cannot mend is removed and added again (azure-cli#15539). In between, the
 * version's own tags say what it was like, written by the same request that removes it: so no
 * run can die between the two and leave a region that nobody knows of.
 */

const PREFIX = `${OUR_PREFIX}removed-`;
/** A long value goes on in `….2`, `….3`. */
const MEMORY = new RegExp(`^${PREFIX}([a-z0-9]+)(?:\\.(\\d+))?$`, 'i');

/** A region as a tag remembers it, in ARM's own field names. */
interface RememberedRegion {
  /** Compact name. */
  readonly name: string;
  readonly [field: string]: unknown;
}

/**
 * Says that a change which removed regions for good allowed Azure to delete them
 * (`allowDeletionOfReplicatedLocations`), and that this was forbidden before.
 */
export const FORBID_AGAIN = `${OUR_PREFIX}forbid-region-deletion`;

/** Whether a tag remembers something of a version's regions: it is not carried to a copy. */
export const isMemory = (tag: string): boolean =>
  MEMORY.test(tag) || tag.toLowerCase() === FORBID_AGAIN;

/** Whether only a change of ours allows Azure to delete regions of a version with these tags. */
export const isAllowedForNow = (tags: Tags): boolean => tagValue(tags, FORBID_AGAIN) !== undefined;

/** The tags that remember a region, all of its fields included; `null` in JSON means that one is not set. */
export function memoryOf({ name, ...fields }: RememberedRegion): Tags {
  return Object.fromEntries(
    tagParts(JSON.stringify(fields, (_, value) => value ?? undefined)).map((part, index) => [
      `${PREFIX}${name}${index > 0 ? `.${index + 1}` : ''}`,
      part,
    ]),
  );
}

/**
 * The regions that these tags remember. One whose tags somebody has mangled is remembered by its
 * name alone: with Azure's defaults it is better off than without a copy.
 */
export const remembered = (tags: Tags): RememberedRegion[] =>
  memoriesIn(tags).map(({ name, fields }) => ({ ...known(fields), name }));

/** Compact names of the regions of which these tags do not tell everything that was written into them. */
export const mangledIn = (tags: Tags): string[] =>
  memoriesIn(tags)
    .filter(
      ({ fields }) => !fields || Object.keys(known(fields)).length < Object.keys(fields).length,
    )
    .map(({ name }) => name);

/** By compact name; no fields where what the tags hold is no object. */
function memoriesIn(tags: Tags) {
  const parts = Object.entries(tags).flatMap(([tag, text]) => {
    const [, name, part = '1'] = MEMORY.exec(tag) ?? [];
    return name ? [{ name: name.toLowerCase(), part: Number(part), text }] : [];
  });
  return [...Map.groupBy(parts, ({ name }) => name)].map(([name, texts]) => {
    const text = texts.toSorted((a, b) => a.part - b.part).map((each) => each.text);
    const fields = jsonIn(text.join(''));
    return { name, fields: isRecord(fields) ? fields : undefined };
  });
}

const known = (fields: object = {}): object =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => Object.hasOwn(FIELDS, name) && FIELDS[name]?.(value),
    ),
  );

const isReplicaCount = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= MOST_REPLICAS;

const isStorageType = (value: unknown): boolean =>
  STORAGE_ACCOUNT_TYPES.some((type) => type === value);

/** What Azure's target regions have, and what each may hold; anything else in a tag is left out. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  regionalReplicaCount: isReplicaCount,
  storageAccountType: isStorageType,
  excludeFromLatest: (value) => typeof value === 'boolean',
  encryption: (value) => isRecord(value) && isEncryption(value),
  additionalReplicaSets: (value) =>
    Array.isArray(value) &&
    value.every(
      (set) =>
        isRecord(set) &&
        (set.storageAccountType === undefined || isStorageType(set.storageAccountType)) &&
        (set.regionalReplicaCount === undefined || isReplicaCount(set.regionalReplicaCount)),
    ),
};

/** Disk images by role, each with texts, numbers and at most one object of texts. */
const isEncryption = (value: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(value).every(([role, images]) =>
    role === 'osDiskImage'
      ? isDiskImage(images)
      : role === 'dataDiskImages' && Array.isArray(images) && images.every(isDiskImage),
  );

const isDiskImage = (value: unknown): boolean =>
  isRecord(value) &&
  Object.values(value).every(
    (field) => isScalar(field) || (isRecord(field) && Object.values(field).every(isScalar)),
  );

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number';

/** These tags without what remembers the regions of these names, or asks to forbid their deletion again. */
export const withoutMemory = (tags: Tags, names: readonly string[]): Tags =>
  tagsWhere(tags, (tag) => {
    if (tag.toLowerCase() === FORBID_AGAIN) return false;
    const [, region] = MEMORY.exec(tag) ?? [];
    return region === undefined || !names.some((name) => sameRegion(name, region));
  });
