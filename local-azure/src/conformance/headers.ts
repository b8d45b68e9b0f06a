import type { Difference } from './compare.ts';
import type { Aliases } from './mask.ts';
import { urlOf } from './resource-path.ts';

/** Headers that are compared by being there or not. */
const presence = [
  'x-ms-failure-cause',
  'x-ms-ratelimit-remaining-subscription-writes',
  'x-ms-ratelimit-remaining-subscription-deletes',
  'azure-asyncnotification',
  'etag',
];

/** Headers that name where an operation can be followed. */
const operationUrls = ['azure-asyncoperation', 'location'];

/**
 * Compares presence and kind of the headers that matter to a client; the numbers in rate-limit
 * headers and the signatures in operation URLs are not compared: others used the recorded
 * subscription too, and limits were of many sizes over the years. Teaches `aliases`.
 */
export function compareHeaders(
  recorded: ReadonlyMap<string, string>,
  local: Headers,
  aliases: Aliases,
): Difference[] {
  return [
    ...presence.flatMap((name) => differing(name, mark(recorded.get(name)), mark(local.get(name)))),
    ...operationUrls.flatMap((name) => {
      const theirs = recorded.get(name);
      const ours = local.get(name) ?? undefined;
      if (theirs !== undefined && ours !== undefined)
        aliases.learn(operationOf(theirs), operationOf(ours));
      return differing(name, urlKind(theirs), urlKind(ours));
    }),
    ...differing(
      'x-ms-ratelimit-remaining-resource',
      buckets(recorded.get('x-ms-ratelimit-remaining-resource')),
      buckets(local.get('x-ms-ratelimit-remaining-resource')),
    ),
    ...differing(
      'content-type',
      recorded.get('content-type')?.toLowerCase() ?? '',
      local.get('content-type')?.toLowerCase() ?? '',
    ),
  ];
}

function differing(where: string, recorded: string, local: string): Difference[] {
  if (recorded === local) return [];
  return [{ kind: 'header', where, recorded: recorded || 'absent', local: local || 'absent' }];
}

function mark(value: string | null | undefined): string {
  return value === null || value === undefined ? '' : 'present';
}

/** `Microsoft.Compute/DeleteVMResource;11,…` → the buckets' names in order of the alphabet. */
function buckets(value: string | null | undefined): string {
  const names = (value ?? '').split(',').map((bucket) => bucket.split(';')[0]?.trim() ?? '');
  return names
    .filter((name) => name !== '')
    .sort()
    .join(',');
}

const signature = ['t', 'c', 's', 'h'];

/** The operation's ID, which is the last segment of the path. */
function operationOf(value: string): string {
  return urlOf(value).pathname.split('/').at(-1) ?? '';
}

/** Which collection of operations, in whose spelling of the region, with which parameters. */
function urlKind(value: string | null | undefined): string {
  if (value === null || value === undefined) return '';
  const url = urlOf(value);
  const [region = '', collection = ''] = url.pathname.split('/').slice(-3);
  const parameters = [...url.searchParams.keys()].filter((name) => !signature.includes(name));
  return `${region}/${collection}?${[...new Set(parameters)].sort().join('&')}`;
}
