import { isRestError, type PipelinePolicy, type PipelineRequest } from '@azure/core-rest-pipeline';
import { isRecord, membersOf, recordsIn } from '../domain/plain-objects.ts';

/** Versions of the APIs that are asked without the SDK: of VMs, galleries and Microsoft.Network. */
export const VM_API = '2026-04-01';
export const GALLERY_API = '2025-03-03';
export const NETWORK_API = '2024-05-01';

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
 * Uses the newest API version that the SDK, the cloud and the region all have. What the cloud has of
 * each type, it lists when it is asked where galleries may be (learn, "Providers - Get"). A region may
 * still lack what its cloud has (azure-sdk-for-go#27470); its refusal lists what there is. A request
 * goes out with the newest listed version that is not newer than the SDK's, without what that one lacks.
 */
export function negotiateApiVersion(): PipelinePolicy {
  const listed = new Map<string, readonly string[]>();
  const known = new Map<string, string>();
  return {
    name: 'negotiateApiVersion',
    sendRequest: async (request, next) => {
      const type = typeOf(request);
      const { method } = request;
      const offers = listed.get(method === 'POST' ? actedOn(type, listed) : type) ?? [];
      const before = known.get(type) ?? newestOffered(offers, versionOf(request));
      if (before) use(request, before);
      const send = async () => {
        const response = await next(request);
        if (PROVIDER.test(new URL(request.url).pathname)) note(response.bodyAsText, listed);
        return response;
      };
      return send().catch((thrown: unknown) => {
        const offered = isRestError(thrown) && REFUSALS.includes(thrown.code ?? '');
        const instead = offered ? newestIn(thrown.message, versionOf(request)) : undefined;
        if (instead === undefined) throw thrown;
        known.set(type, instead);
        use(request, instead);
        return send();
      });
    },
  };
}

const PROVIDER = /^\/subscriptions\/[^/]+\/providers\/microsoft\.compute$/i;

/** Takes down which API versions the provider lists of each type. */
function note(text: string | null | undefined, listed: Map<string, readonly string[]>): void {
  const { resourceTypes } = JSON.parse(text || '{}') as { resourceTypes?: unknown };
  // Azure itself names the URL of an operation, with a version that the list need not have.
  for (const { resourceType: type, apiVersions } of recordsIn(resourceTypes))
    if (typeof type === 'string' && !/operations$/i.test(type) && Array.isArray(apiVersions))
      listed.set(`microsoft.compute/${type.toLowerCase()}`, apiVersions);
}

/** The type that a POST acts on: what is not listed itself, such as `deallocate`, is an action. */
const actedOn = (type: string, listed: Map<string, readonly string[]>): string =>
  listed.has(type) ? type : type.slice(0, type.lastIndexOf('/'));

/** What to use in place of a version that is not listed; nothing when it is, or nothing older is. */
const newestOffered = (listed: readonly string[], wanted: string): string | undefined =>
  listed.includes(wanted) ? undefined : newest(listed, wanted);

/** Of the versions that a refusal lists, the newest stable one before the version that was refused. */
export function newestIn(message: string, refused: string): string | undefined {
  const list = /supported (?:api-)?versions are '([^']*)'/i.exec(message)?.[1] ?? '';
  return newest(list.split(/[\s,]+/), refused);
}

const newest = (versions: readonly string[], before: string): string | undefined =>
  versions
    .filter((version) => /^\d{4}-\d{2}-\d{2}$/.test(version) && version < before)
    .sort()
    .at(-1);

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
  const { virtualMachineId: id } = membersOf(membersOf(storageProfile).source);
  if (version < VM_SOURCE_SINCE && id !== undefined)
    properties.storageProfile = { ...membersOf(storageProfile), source: { id } };
  return JSON.stringify({ ...body, properties });
}
