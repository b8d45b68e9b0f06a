import { isRecord, recordOf } from '../domain/is-record.ts';

/**
 * Members that the action reads, by the type of their resource; `[]` stands for every element.
 * What Azure leaves out means its default, so a member may be absent, but not be something else.
 */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, 'object' | 'array'>>>> = {
  virtualmachines: {
    'properties.instanceView': 'object',
    'properties.instanceView.statuses': 'array',
    'properties.storageProfile': 'object',
    'properties.storageProfile.osDisk': 'object',
    'properties.storageProfile.dataDisks': 'array',
  },
  snapshots: { 'properties.creationData': 'object' },
  'galleries/images': { 'properties.features': 'array', 'properties.identifier': 'object' },
  'galleries/images/versions': {
    'properties.publishingProfile': 'object',
    'properties.publishingProfile.targetRegions': 'array',
    'properties.storageProfile': 'object',
    'properties.replicationStatus': 'object',
    'properties.replicationStatus.summary': 'array',
  },
};

/**
 * Says what is wrong with the body of a read that Azure answered with 200; `undefined` when it has
 * the shape of what the path names: a provider, a list or a resource.
 */
export function shapeProblem(pathname: string, body: unknown): string | undefined {
  if (!isRecord(body)) return 'the body is no JSON object';
  const [namespace, ...names] = afterProviders(pathname);
  if (namespace === undefined) return undefined;
  if (names.length === 0)
    return Array.isArray(body.resourceTypes) ? undefined : 'it lists no resource types';
  if (names.length % 2 === 1) return listProblem(body);
  const type = names.filter((_, index) => index % 2 === 0).join('/');
  return resourceProblem(type.toLowerCase(), body);
}

const afterProviders = (pathname: string): string[] =>
  pathname
    .split(/\/providers\//i)
    .slice(1)
    .at(-1)
    ?.split('/')
    .filter(Boolean) ?? [];

function listProblem({ value, nextLink }: Readonly<Record<string, unknown>>): string | undefined {
  if (!Array.isArray(value)) return '`value` is no list';
  if (!value.every(isRecord)) return '`value` holds something that is no object';
  if (typeof (nextLink ?? '') !== 'string') return '`nextLink` is no text';
  return undefined;
}

function resourceProblem(
  type: string,
  body: Readonly<Record<string, unknown>>,
): string | undefined {
  if (typeof body.id !== 'string') return 'it has no `id`';
  if (!isRecord(body.properties)) return 'it has no `properties`';
  if (!isRecord(body.tags ?? {})) return '`tags` is no object';
  const wrong = Object.entries(MEMBERS[type] ?? {}).find(
    ([path, kind]) => !isKind(memberOf(body, path), kind),
  );
  return wrong && `\`${wrong[0]}\` is no ${wrong[1]}`;
}

const memberOf = (body: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, name) => recordOf(part)[name], body);

const isKind = (value: unknown, kind: 'object' | 'array'): boolean =>
  value === undefined ||
  value === null ||
  (kind === 'array'
    ? Array.isArray(value) && value.every((each) => each !== null)
    : isRecord(value));
