/**
 * As text, without times, IDs and etags that Azure makes up, nonces and digests. The run command of a Windows VM
 * that its guest has stopped stays, since Azure deletes none of a stopped VM; it counts for nothing.
 */
export function lasting(value: unknown): string {
  return JSON.stringify(value, sorted, 1)
    .replaceAll(/"etag": .*/g, '"etag"')
    .replaceAll(/"(golden-image-verification": "(?:passed|failed)) [^"]*"/g, '"$1"')
    .replaceAll(/"(complete|scheduled) (\S+) [^"]+"/g, '"$1 $2 nonce"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, 'time')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, 'guid');
}

/** Tags and members in the order of their names, resources in that of their IDs. */
function sorted(_key: string, value: unknown): unknown {
  if (Array.isArray(value) && value.every((each) => typeof each?.id === 'string'))
    return value
      .filter(({ id }) => !id.includes('/runCommands/golden-image-'))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Which lines of the one text the other lacks, and the other way round; the first few. */
export function differing(what: string, wanted: string, found: string): string {
  const [want, got] = [wanted.split('\n'), found.split('\n')];
  const missing = want.filter((line) => !got.includes(line)).slice(0, 6);
  const extra = got.filter((line) => !want.includes(line)).slice(0, 6);
  return `${what} differ: missing ${missing.join(' ')} · extra ${extra.join(' ')}`;
}
