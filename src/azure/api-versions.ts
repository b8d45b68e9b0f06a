import { isRestError, type PipelinePolicy, type PipelineRequest } from '@azure/core-rest-pipeline';
import { isRecord } from '../domain/is-record.ts';

/** Refusals of an API version: by a region or cloud, by ARM itself, and where it knows no region. */
const REFUSALS = ['NoRegisteredProviderFound', 'InvalidApiVersionParameter', 'InvalidResourceType'];

/**
 * Members of a version that older API versions do not have, and since when they are there
 * (GalleryRP of those versions, in azure-rest-api-specs).
 */
const SINCE: readonly (readonly [since: string, parent: string, member: string])[] = [
  ['2025-03-03', 'publishingProfile', 'storageAccountStrategy'],
  ['2024-03-03', 'safetyProfile', 'blockDeletionBeforeEndOfLife'],
];
/** Before, `id` named the source whatever it was. */
const VM_SOURCE_SINCE = '2023-07-03';

/**
 * Uses the newest API version that the SDK, the cloud and the region all have. API versions are
 * registered by type, region and cloud (azure-sdk-for-go#27470), and a refusal lists those that there
 * are. So a refused request is sent again with the newest of them that is not newer than the SDK's,
 * without what that one lacks; later requests for the type use it at once.
 */
export function negotiateApiVersion(): PipelinePolicy {
  const known = new Map<string, string>();
  return {
    name: 'negotiateApiVersion',
    sendRequest: async (request, next) => {
      const type = typeOf(request);
      const before = known.get(type);
      if (before) use(request, before);
      return next(request).catch((thrown: unknown) => {
        const offered = isRestError(thrown) && REFUSALS.includes(thrown.code ?? '');
        const newest = offered ? newestIn(thrown.message, versionOf(request)) : undefined;
        if (newest === undefined) throw thrown;
        known.set(type, newest);
        use(request, newest);
        return next(request);
      });
    },
  };
}

/** Of the versions that a refusal lists, the newest stable one before the version that was refused. */
export function newestIn(message: string, refused: string): string | undefined {
  const list = /supported (?:api-)?versions are '([^']*)'/i.exec(message)?.[1] ?? '';
  const stable = list.split(/[\s,]+/).filter((version) => /^\d{4}-\d{2}-\d{2}$/.test(version));
  return stable
    .filter((version) => version < refused)
    .sort()
    .at(-1);
}

const versionOf = ({ url }: PipelineRequest): string =>
  new URL(url).searchParams.get('api-version') ?? '';

/** The types in a path, without names: `microsoft.compute/galleries/images`. */
function typeOf({ url }: PipelineRequest): string {
  const [namespace = '', ...parts] =
    new URL(url).pathname.toLowerCase().split('/providers/').at(-1)?.split('/') ?? [];
  return [namespace, ...parts.filter((_, index) => index % 2 === 0)].join('/');
}

function use(request: PipelineRequest, version: string): void {
  const url = new URL(request.url);
  if (!url.searchParams.has('api-version')) return;
  url.searchParams.set('api-version', version);
  request.url = url.href;
  if (typeof request.body === 'string') request.body = olderBody(request.body, version);
}

/** The body as this API version has it. A member that is switched on is never dropped silently. */
export function olderBody(text: string, version: string): string {
  const body: unknown = JSON.parse(text);
  if (!isRecord(body) || !isRecord(body.properties)) return text;
  const properties: Record<string, unknown> = { ...body.properties };
  for (const [since, parent, member] of SINCE) {
    const profile = properties[parent];
    if (version >= since || !isRecord(profile) || profile[member] === true) continue;
    const { [member]: _, ...rest } = profile;
    properties[parent] = rest;
  }
  const { storageProfile } = properties;
  const source = isRecord(storageProfile) ? storageProfile.source : undefined;
  if (version < VM_SOURCE_SINCE && isRecord(source) && source.virtualMachineId !== undefined)
    properties.storageProfile = {
      ...(storageProfile as object),
      source: { id: source.virtualMachineId },
    };
  return JSON.stringify({ ...body, properties });
}
