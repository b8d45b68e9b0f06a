import { isRecord } from '../domain/is-record.ts';
import { ifAllowed } from '../run/if-allowed.ts';
import type { Session } from './session.ts';

/** Version of Resource Graph's API (azure-rest-api-specs, resourcegraph). */
const API = '2024-04-01';
/** Rows of a page: the most that Resource Graph gives ("Working with large data sets"). */
const ROWS = 1000;
/** Pages of a result; more are no result but a loop. */
const MOST_PAGES = 1000;

/** A resource as a list shows it; what is in it was not looked at yet. */
export interface Resource {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/**
 * The resources of a type in a subscription by Azure Resource Graph, in one request for a thousand;
 * `undefined` where the identity is not allowed to ask, the cloud has none, or the answer is not whole.
 * It shows only what the identity may read, and lags a little.
 */
export async function resourceGraph(
  session: Session,
  subscription: string,
  table: 'resources' | 'computeresources',
  type: string,
): Promise<Resource[] | undefined> {
  const query = `${table} | where type in~ ('${type}') | project id, name, location, tags, properties`;
  const found: Resource[] = [];
  let $skipToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const body = {
      subscriptions: [subscription],
      query,
      options: { resultFormat: 'objectArray', $top: ROWS, ...($skipToken && { $skipToken }) },
    };
    const answer = await ifAllowed(
      session.query(
        '/providers/Microsoft.ResourceGraph/resources',
        subscription,
        `query Azure Resource Graph for ${type}`,
        API,
        body,
        pageIn,
      ),
    );
    if (!answer) return undefined;
    found.push(...answer.rows);
    $skipToken = answer.token;
    if (!$skipToken) return found.length >= answer.total ? found : undefined;
  }
  return undefined;
}

function pageIn(answer: unknown) {
  const { data, totalRecords, $skipToken } = isRecord(answer) ? answer : {};
  if (!Array.isArray(data) || typeof totalRecords !== 'number')
    throw new TypeError('`data` is no list');
  const rows = data.map((row: unknown) => {
    if (!isRecord(row) || typeof row.id !== 'string') throw new TypeError('a row has no `id`');
    const { id, properties } = row;
    return { ...row, id, properties: isRecord(properties) ? properties : {} };
  });
  const token = typeof $skipToken === 'string' && $skipToken ? $skipToken : undefined;
  return { rows, total: totalRecords, token };
}
