/**
 * Azure Resource Graph, for the queries of one form: a table, types, a projection of what a GET
 * shows, and an order by ID (azure-rest-api-specs, resourcegraph 2024-04-01; Learn, "Azure Resource Graph
 * REST API", "Supported tables and resource types"). It shows what the caller may read and silently
 * leaves out the rest ("Permissions in Azure Resource Graph"); results come in pages of 1,000 at most.
 * Any other query is refused, in an invented way.
 */
import { permissionsAt } from '../access.ts';
import { matches } from '../actions.ts';
import type { Arm, ArmRequest, Reply } from '../arm.ts';
import { idKey } from '../arm-id.ts';
import { armError } from '../errors.ts';
import { listAt, numberAt, textAt } from '../json.ts';
import type { Resource } from '../world.ts';

/** Types that stand in a table of their own ("Supported tables and resource types"). */
const TABLES: Readonly<Record<string, (type: string) => boolean>> = {
  resources: (type) => type !== 'microsoft.compute/virtualmachinescalesets/virtualmachines',
  computeresources: (type) => type === 'microsoft.compute/virtualmachinescalesets/virtualmachines',
};

const QUERY =
  /^(\w+) \| where type in~ \(('[\w./]+'(?:, ?'[\w./]+')*)\) \| project ([\w, ]+?)( \| order by id asc)?$/i;
/** Rows of a page at most, and when nothing is asked for ("Working with large data sets"). */
const MOST_ROWS = 1000;
const USUAL_ROWS = 100;

/** Registers the route. */
export function registerResourceGraph(arm: Arm): void {
  const path = '/providers/Microsoft.ResourceGraph/resources';
  arm.route('POST', path, 'documentation', (request) => answer(arm, request));
}

function answer(arm: Arm, request: ArmRequest): Reply {
  const { body, principal } = request;
  const [, table = '', list = '', projected = '', order] =
    QUERY.exec(textAt(body, 'query') ?? '') ?? [];
  const isInTable = TABLES[table.toLowerCase()];
  if (isInTable === undefined)
    throw armError(400, 'BadRequest', 'Please provide below info when asking for support.', {
      details: [{ code: 'InvalidQuery', message: `The local Azure does not model: ${body.query}` }],
    });
  const types = [...list.matchAll(/'([^']+)'/g)].map(([, type = '']) => type.toLowerCase());
  const subscriptions = listAt(body, 'subscriptions').map((each) => String(each).toLowerCase());
  const mayRead = ({ id, type }: Resource): boolean =>
    permissionsAt(arm.world, id, principal).some(
      (each) =>
        listAt(each, 'actions').some((action) => matches(String(action), `${type}/read`)) &&
        !listAt(each, 'notActions').some((action) => matches(String(action), `${type}/read`)),
    );
  const all = arm.world
    .all()
    .filter(({ type }) => isInTable(type.toLowerCase()) && types.includes(type.toLowerCase()))
    .filter(({ id }) => subscriptions.includes(idKey(id).split('/')[2] ?? ''))
    .filter(mayRead);
  const from = Number(textAt(body, 'options', '$skipToken') ?? 0) || 0;
  const rows = Math.min(numberAt(body, 'options', '$top') ?? USUAL_ROWS, MOST_ROWS);
  const names = projected.split(',').map((each) => each.trim());
  const data = inOrder(all, order !== undefined, from > 0)
    .slice(from, from + rows)
    .map((each) => Object.fromEntries(names.map((name) => [name, shown(each, name)])));
  const isCut = from + rows < all.length;
  return {
    status: 200,
    body: {
      totalRecords: all.length,
      count: data.length,
      data,
      facets: [],
      resultTruncated: 'false',
      ...(isCut && { $skipToken: String(from + rows) }),
    },
  };
}

/**
 * Rows by ID where that was asked for. Without an order they are "random and not repeatable" (Learn,
 * "Working with large Azure resource data sets"): here, an invention, later pages are of the opposite one.
 */
function inOrder(all: readonly Resource[], isSorted: boolean, isLater: boolean): Resource[] {
  const sorted = all.toSorted((one, other) => (idKey(one.id) < idKey(other.id) ? -1 : 1));
  return isLater && !isSorted ? sorted.reverse() : sorted;
}

/** Types are in lower case there ("Azure Resource Graph query language", string comparison). */
const shown = (resource: Resource, name: string) =>
  name === 'type' ? resource.type.toLowerCase() : (resource[name] ?? null);
