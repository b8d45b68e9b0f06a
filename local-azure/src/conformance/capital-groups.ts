/**
 * The recorder gave resource groups new names, but only in their original spelling: where Azure
 * writes a group in capitals, the recordings show the real name, which no request uses.
 */
const capitals = /(?<=\/resourceGroups\/)(?=[^/"]*[A-Z])[^/"a-z]+(?=[/"])/g;

/** A function that puts the group a scenario uses in the place of the real one, in capitals too. */
export function groupRestorer(uris: readonly string[]): (body: unknown, uri: string) => unknown {
  const groups = new Set(uris.flatMap((uri) => groupOf(uri) ?? []));
  const known = new Set([...groups].map((group) => group.toUpperCase()));
  return (body, uri) => {
    const text = JSON.stringify(body);
    if (text === undefined || !text.includes('/resourceGroups/')) return body;
    const own = groupOf(uri);
    const restored = text.replace(capitals, (name) => {
      if (known.has(name)) return name;
      // What was put in the place of a random part is a number of six digits.
      const alike = [...groups].filter((group) => name.startsWith(stemOf(group)));
      const group =
        alike.find((each) => each === own) ?? (alike.length === 1 ? alike[0] : undefined);
      return group?.toUpperCase() ?? name;
    });
    return restored === text ? body : JSON.parse(restored);
  };
}

function groupOf(uri: string): string | undefined {
  return /\/resourceGroups\/([^/?]+)/i.exec(uri)?.[1];
}

function stemOf(group: string): string {
  return group.replace(/\d{6}$/, '').toUpperCase();
}
