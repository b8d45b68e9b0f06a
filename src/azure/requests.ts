import type { ComputeManagementClient } from '@azure/arm-compute';
import type { HttpMethods, PipelineResponse } from '@azure/core-rest-pipeline';
import { NETWORK_API } from './api-versions.ts';

/** An answer, as the wire let it through. */
export interface Answer extends PipelineResponse {
  readonly parsedBody?: unknown;
}

/** What the SDK's calls give us a say in. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: Answer) => void;
}

/** Sends a request without the SDK. */
export type Send = (
  method: HttpMethods,
  apiVersion: string,
  more?: {
    /** A path, or the URL of a page of a list; the resource itself when left out. */
    readonly to?: string | undefined;
    readonly body?: object;
    /** Of what is to be overwritten, which nobody is to have changed since. */
    readonly etag?: string | undefined;
    /** Nothing is to be overwritten. */
    readonly isNew?: true;
  },
) => Promise<Answer>;

/**
 * A request for a resource. The SDK words it and reads its answer. Sent without it, by `send`, is what it
 * has no words for: other providers, all that Azure shows of a VM, and what Resource Graph shows as well.
 *
 * The SDK takes a resource as its group and names; four fit the deepest, an image version.
 */
export type Call<T> = (
  client: ComputeManagementClient,
  path: readonly [group: string, first: string, second: string, third: string],
  options: CallOptions,
  send: Send,
) => T;

/** A write: a long-running call of the SDK, or what sends one request. */
export type LongCall = Call<Promise<void> | { submitted(): Promise<void> }>;

/** A list of the SDK, page by page. */
export interface List<T> {
  byPage(from: {
    continuationToken?: string;
  }): AsyncIterableIterator<T[] & { continuationToken?: string }>;
}

/** Reads a resource without the SDK. */
export const get =
  <T, F>(apiVersion: string, facts: (found: T) => F): Call<Promise<F>> =>
  async (_client, _path, _options, send) =>
    facts((await send('GET', apiVersion)).parsedBody as T);

/** Asks by a POST that changes nothing. */
export const query =
  <F>(
    to: string,
    apiVersion: string,
    body: object,
    facts: (answer: unknown) => F,
  ): Call<Promise<F>> =>
  async (_client, _path, _options, send) =>
    facts((await send('POST', apiVersion, { to, body })).parsedBody);

/** Lists without the SDK. */
export const pages =
  <T>(apiVersion: string): Call<List<T>> =>
  (_client, _path, _options, send) => ({
    byPage: async function* ({ continuationToken: to }) {
      const { parsedBody } = await send('GET', apiVersion, { to });
      const { value, nextLink } = parsedBody as { value: T[]; nextLink?: string | null };
      yield Object.assign([...value], nextLink && { continuationToken: nextLink });
    },
  });

/** Writes without the SDK. */
export const plainly =
  (...request: Parameters<Send>): LongCall =>
  async (_client, _path, { onResponse }, send) =>
    onResponse(await send(...request));

/** How each type of resource is asked for, as far as it is. */
export const TYPES = {
  vm: {
    noun: 'VM',
    get: (client, [group, name], options) =>
      client.virtualMachines.get(group, name, { ...options, expand: 'instanceView' }),
    list: (client, [group], options) => client.virtualMachines.list(group, options),
    remove: (client, [group, name], options) =>
      client.virtualMachines.delete(group, name, { ...options, forceDeletion: false }),
  },
  command: {
    noun: 'run command',
    get: (client, [group, vm, name], options) =>
      client.virtualMachineRunCommands.getByVirtualMachine(group, vm, name, {
        ...options,
        expand: 'instanceView',
      }),
    remove: (client, [group, vm, name], options) =>
      client.virtualMachineRunCommands.delete(group, vm, name, options),
  },
  disk: {
    noun: 'disk',
    get: (client, [group, name], options) => client.disks.get(group, name, options),
    list: (client, [group], options) => client.disks.listByResourceGroup(group, options),
    remove: (client, [group, name], options) => client.disks.delete(group, name, options),
  },
  snapshot: {
    noun: 'snapshot',
    get: (client, [group, name], options) => client.snapshots.get(group, name, options),
    list: (client, [group], options) => client.snapshots.listByResourceGroup(group, options),
    remove: (client, [group, name], options) => client.snapshots.delete(group, name, options),
  },
  image: {
    noun: 'managed image',
    get: (client, [group, name], options) => client.images.get(group, name, options),
    remove: (client, [group, name], options) => client.images.delete(group, name, options),
  },
  encryptionSet: {
    noun: 'disk encryption set',
    get: (client, [group, name], options) => client.diskEncryptionSets.get(group, name, options),
  },
  gallery: {
    noun: 'gallery',
    get: (client, [group, name], options) => client.galleries.get(group, name, options),
    list: (client, [group], options) => client.galleries.listByResourceGroup(group, options),
  },
  definition: {
    noun: 'image definition',
    get: (client, [group, gallery, name], options) =>
      client.galleryImages.get(group, gallery, name, options),
    list: (client, [group, gallery], options) =>
      client.galleryImages.listByGallery(group, gallery, options),
  },
  version: {
    noun: 'image version',
    get: (client, [group, gallery, definition, name], options) =>
      client.galleryImageVersions.get(group, gallery, definition, name, {
        ...options,
        expand: 'ReplicationStatus',
      }),
    list: (client, [group, gallery, definition], options) =>
      client.galleryImageVersions.listByGalleryImage(group, gallery, definition, options),
    remove: (client, [group, gallery, definition, name], options) =>
      client.galleryImageVersions.delete(group, gallery, definition, name, options),
  },
  networkPart: {
    noun: 'network resource',
    remove: plainly('DELETE', NETWORK_API),
  },
} satisfies Readonly<
  Record<
    string,
    {
      /** Completes "read … NAME" and "delete … NAME". */
      readonly noun: string;
      readonly get?: Call<Promise<unknown>>;
      /** All of the type beside one: with the same parent, or in the same resource group. */
      readonly list?: Call<List<unknown>>;
      readonly remove?: LongCall;
    }
  >
>;
