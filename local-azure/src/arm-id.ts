/** ARM resource IDs: taking them apart and comparing them. */

interface ArmId {
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Provider namespace and type segments joined, e.g. `Microsoft.Compute/galleries/images`. */
  readonly type: string;
  /** One name for each type segment, outermost first. */
  readonly names: readonly string[];
  /** What follows the last complete type/name pair: a collection or an action. */
  readonly rest: string | undefined;
}

const RESOURCE_GROUP_TYPE = 'Microsoft.Resources/resourceGroups';
const SUBSCRIPTION_TYPE = 'Microsoft.Resources/subscriptions';

/** IDs that were taken apart lately: the same few come with every request. */
const parsed = new Map<string, ArmId>();
const PARSED_AT_MOST = 1000;

/** Takes an ID or a request path apart; an extension's path yields the extension. */
export function parseId(id: string): ArmId {
  const known = parsed.get(id);
  if (known !== undefined) return known;
  if (parsed.size >= PARSED_AT_MOST) parsed.clear();
  const made = takeApart(id);
  parsed.set(id, made);
  return made;
}

function takeApart(id: string): ArmId {
  const segments = id.split('/').filter((segment) => segment !== '');
  const lower = segments.map((segment) => segment.toLowerCase());
  const subscriptionId = lower[0] === 'subscriptions' ? segments[1] : undefined;
  const resourceGroup = lower[2] === 'resourcegroups' ? segments[3] : undefined;
  const provider = lower.lastIndexOf('providers');
  if (provider < 0) {
    const [type, name] =
      resourceGroup !== undefined
        ? [RESOURCE_GROUP_TYPE, resourceGroup]
        : [SUBSCRIPTION_TYPE, subscriptionId];
    const used = resourceGroup !== undefined ? 4 : 2;
    const names = name === undefined ? [] : [name];
    return { subscriptionId, resourceGroup, type, names, rest: segments[used] };
  }
  const pairs = segments.slice(provider + 2);
  const types = pairs.filter((_, index) => index % 2 === 0);
  const names = pairs.filter((_, index) => index % 2 === 1);
  const rest = types.length > names.length ? types.pop() : undefined;
  const type = [segments[provider + 1], ...types].join('/');
  return { subscriptionId, resourceGroup, type, names, rest };
}

/** The key under which a resource is stored: IDs compare without regard to case. */
export function idKey(id: string): string {
  return id.replace(/\/+$/, '').toLowerCase();
}

/** Whether two IDs name the same resource; an absent one equals nothing. */
export function sameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && idKey(a) === idKey(b);
}

/** The ID of the resource that a nested one lives in: the ID without its last type/name pair. */
export function parentId(id: string): string {
  return id.split('/').slice(0, -2).join('/');
}

/** The top-level resource an ID is part of, e.g. the gallery of a version; undefined for a group. */
export function topLevelId(id: string): string | undefined {
  const segments = id.split('/');
  const provider = segments.findIndex((segment) => segment.toLowerCase() === 'providers');
  if (provider < 0 || segments.length < provider + 4) return undefined;
  return segments.slice(0, provider + 4).join('/');
}

/** The resource group's ID of a resource ID; undefined when there is none in it. */
export function groupId(id: string): string | undefined {
  const { subscriptionId, resourceGroup } = parseId(id);
  if (subscriptionId === undefined || resourceGroup === undefined) return undefined;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** The ID with its group's name in capitals, as some of Azure's indexes write it (recorded). */
export function withCapitalGroup(id: unknown): string {
  return String(id).replace(
    /(\/resourceGroups\/)([^/]+)/i,
    (_, head: string, name: string) => head + name.toUpperCase(),
  );
}
