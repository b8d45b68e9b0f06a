/** The parts of an ARM resource ID such as `/subscriptions/…/virtualMachines/build`. */
export interface ResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Provider and types, such as `Microsoft.Compute/galleries/images`. */
  readonly type: string;
  /** One name for each type, outermost first. */
  readonly names: readonly string[];
}

export const VIRTUAL_MACHINE = 'Microsoft.Compute/virtualMachines';
export const DISK = 'Microsoft.Compute/disks';
export const SNAPSHOT = 'Microsoft.Compute/snapshots';
export const IMAGE = 'Microsoft.Compute/images';
export const GALLERY = 'Microsoft.Compute/galleries';
export const IMAGE_DEFINITION = 'Microsoft.Compute/galleries/images';
export const IMAGE_VERSION = 'Microsoft.Compute/galleries/images/versions';
export const SUBNET = 'Microsoft.Network/virtualNetworks/subnets';

/** The kinds of resource that this action deletes. */
export type ResourceKind = 'version' | 'image' | 'snapshot' | 'vm' | 'disk' | 'nic' | 'publicIp';

const KINDS: Readonly<Record<string, ResourceKind>> = {
  [IMAGE_VERSION.toLowerCase()]: 'version',
  [IMAGE.toLowerCase()]: 'image',
  [SNAPSHOT.toLowerCase()]: 'snapshot',
  [VIRTUAL_MACHINE.toLowerCase()]: 'vm',
  [DISK.toLowerCase()]: 'disk',
  'microsoft.network/networkinterfaces': 'nic',
  'microsoft.network/publicipaddresses': 'publicIp',
};

/** Which of these a resource ID is of; `undefined` for anything else. */
export const resourceKind = (id: string): ResourceKind | undefined =>
  KINDS[parseResourceId(id)?.type.toLowerCase() ?? ''];

/**
 * Reads an ARM resource ID; `undefined` when the text is not one. Case is kept as given. No name
 * holds white space, a query or a fragment: such a text was pasted wrongly.
 */
export function parseResourceId(text: string): ResourceId | undefined {
  const match =
    /^\/subscriptions\/([^/\s?#]+)\/resourceGroups\/([^/\s?#]+)\/providers\/([^/\s?#]+)((?:\/[^/\s?#]+\/[^/\s?#]+)+)\/?$/i.exec(
      text.trim(),
    );
  if (!match) return undefined;
  const [, subscriptionId = '', resourceGroup = '', provider = '', rest = ''] = match;
  const segments = rest.split('/').filter(Boolean);
  const types = segments.filter((_, index) => index % 2 === 0);
  return {
    subscriptionId,
    resourceGroup,
    type: [provider, ...types].join('/'),
    names: segments.filter((_, index) => index % 2 === 1),
  };
}

/** Writes a resource ID in the casing Azure documents. */
export function formatResourceId({ subscriptionId, resourceGroup, type, names }: ResourceId) {
  const [provider = '', ...types] = type.split('/');
  const path = types.map((segment, index) => `/${segment}/${names[index] ?? ''}`).join('');
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${provider}${path}`;
}

/** The ID of a resource in the same resource group. */
export function idBeside(id: string, type: string, name: string): string {
  const { subscriptionId, resourceGroup } = resourceIdOf(id);
  return formatResourceId({ subscriptionId, resourceGroup, type, names: [name] });
}

/** Reads an ID that our own code built or Azure answered; throws when it is not one. */
export function resourceIdOf(text: string): ResourceId {
  const id = parseResourceId(text);
  if (!id) throw new TypeError(`Not an ARM resource ID: ${text}`);
  return id;
}

/** ARM compares resource IDs without regard to case. */
export const sameId = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();

/** Whether a resource is at or below a scope, such as its resource group. */
export const isWithin = (id: string, scope: string): boolean =>
  `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());

/** The innermost name: the version's number, the disk's name. */
export const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** All its names, as people say them: gallery/definition/version. */
export const fullNameOf = (id: string): string => (parseResourceId(id)?.names ?? []).join('/');

/** The ID of a version of this image definition. */
export const versionId = (definition: string, number: string): string =>
  `${definition}/versions/${number}`;

/** The ID this one is nested in: the definition of a version, the gallery of a definition. */
export const parentId = (id: string): string => id.split('/').slice(0, -2).join('/');

/** The ID of the resource group that a resource is in. */
export function groupOf(id: string): string {
  const { subscriptionId, resourceGroup } = resourceIdOf(id);
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** Whether both are in one subscription. */
export const sameSubscription = (a: string, b: string): boolean =>
  parseResourceId(a)?.subscriptionId.toLowerCase() ===
  parseResourceId(b)?.subscriptionId.toLowerCase();
