export type Tags = Readonly<Record<string, string>>;

/** Limits of Azure Resource Manager's tags ("Use tags to organize your Azure resources"). */
export const MOST_TAGS = 50;
export const LONGEST_TAG_NAME = 512;
export const LONGEST_TAG_VALUE = 256;

/** Every tag of ours starts so; tag names that start with `azure` are reserved by Azure. */
export const OUR_PREFIX = 'golden-image-';

/** Those of the tags whose names are so. */
export const tagsWhere = (tags: Tags, has: (name: string) => boolean): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([name]) => has(name)));

/** Those tags that are this action's own. */
export const ourTags = (tags: Tags): Tags => tagsWhere(tags, (name) => name.startsWith(OUR_PREFIX));

const RESERVED_PREFIXES = ['microsoft', 'azure', 'windows'];
const FORBIDDEN = /[<>%&\\?/]/;

/** Why a tag cannot be set, or `undefined` when it can. */
export function tagProblem(name: string, value: string): string | undefined {
  const lower = name.toLowerCase();
  if (name.length > LONGEST_TAG_NAME)
    return `the name has ${name.length} characters, Azure allows ${LONGEST_TAG_NAME}`;
  if (FORBIDDEN.test(name)) return 'the name has one of < > % & \\ ? / in it, which Azure forbids';
  if (RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix)))
    return 'names that start with microsoft, azure or windows are reserved by Azure';
  if (lower.startsWith(OUR_PREFIX))
    return `names that start with ${OUR_PREFIX} are set by this action`;
  if (value.length > LONGEST_TAG_VALUE)
    return `the value has ${value.length} characters, Azure allows ${LONGEST_TAG_VALUE}`;
  return undefined;
}

/** A tag's value by its name; Azure compares tag names without regard to case. */
export function tagValue(tags: Tags | undefined, name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.entries(tags ?? {}).find(([key]) => key.toLowerCase() === lower)?.[1];
}

/** A text in as many parts as fit into a tag each; one that is empty is one part. */
export const tagParts = (text: string): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(text.length / LONGEST_TAG_VALUE)) }, (_, part) =>
    text.slice(part * LONGEST_TAG_VALUE, (part + 1) * LONGEST_TAG_VALUE),
  );

/** These tags with others laid over them; a name that differs only in case is the same tag. */
export function withTags(tags: Tags, over: Tags): Tags {
  const replaced = new Set(Object.keys(over).map((name) => name.toLowerCase()));
  return { ...tagsWhere(tags, (name) => !replaced.has(name.toLowerCase())), ...over };
}
