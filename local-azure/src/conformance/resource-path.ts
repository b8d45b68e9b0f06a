/** What an ARM URL path is about. */
export interface Target {
  /** `Microsoft.Compute/galleries/images`; empty above the provider level. */
  readonly type: string;
  /** The resource's ID; undefined for a collection or an operation. */
  readonly id: string | undefined;
  /** The trailing verb of a POST (`deallocate`). */
  readonly action: string | undefined;
  readonly isCollection: boolean;
  /** The operation's GUID when the path is a poll. */
  readonly operation: string | undefined;
}

const pollCollections = new Set(['operations', 'capsoperations', 'diskoperations']);

/** The operation that an answer's headers name, if any; some point to a resource, and without a host. */
export function operationIn(headers: ReadonlyMap<string, string>): string | undefined {
  const header = headers.get('azure-asyncoperation') ?? headers.get('location');
  return header === undefined ? undefined : targetOf('GET', urlOf(header).pathname).operation;
}

/** The region that the poll URL in an answer's headers names, if any. */
export function regionIn(headers: ReadonlyMap<string, string>): string | undefined {
  const header = headers.get('azure-asyncoperation') ?? headers.get('location');
  return /\/locations\/([^/]+)\//i.exec(header ?? '')?.[1];
}

/** The URL in a header, which may be a path alone. */
export function urlOf(value: string): URL {
  return (
    URL.parse(value, 'https://management.azure.com') ?? new URL('https://management.azure.com')
  );
}

/** Reads an ARM path: the target's type, ID, action or operation. */
export function targetOf(method: string, pathname: string): Target {
  const nothing = { id: undefined, action: undefined, isCollection: false, operation: undefined };
  const start = pathname.toLowerCase().lastIndexOf('/providers/');
  if (start < 0) return { ...nothing, type: '' };
  const [namespace = '', ...rest] = pathname.slice(start + '/providers/'.length).split('/');
  if (rest[0]?.toLowerCase() === 'locations') {
    const collection = rest[2] ?? '';
    const isPoll = pollCollections.has(collection.toLowerCase());
    const type = `${namespace}/locations/${collection}`;
    return { ...nothing, type, operation: isPoll ? rest[3]?.toLowerCase() : undefined };
  }
  const isEven = rest.length % 2 === 0;
  const isAction = !isEven && method === 'POST';
  const types = (isAction ? rest.slice(0, -1) : rest).filter((_, position) => position % 2 === 0);
  return {
    type: [namespace, ...types].join('/'),
    id: isEven ? pathname : isAction ? pathname.slice(0, pathname.lastIndexOf('/')) : undefined,
    action: isAction ? rest.at(-1) : undefined,
    isCollection: !isEven && !isAction,
    operation: undefined,
  };
}
