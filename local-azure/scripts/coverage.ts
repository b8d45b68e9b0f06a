/** The table of routes in the README. */
import type { Route } from '../src/index.ts';

const OPEN = '<!-- coverage -->';
const CLOSE = '<!-- /coverage -->';

const GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers/';
const SUBSCRIPTION = '/subscriptions/{subscription}/providers/';
const SCOPE = '/{scope}/providers/';

interface Row {
  readonly path: string;
  readonly scopes: Set<string>;
  readonly methods: Set<string>;
  readonly sources: Set<string>;
}

/** What stands between the markers: a row for each path, with all of its methods. */
function coverageTable(routes: readonly Route[]): string {
  const rows = new Map<string, Row>();
  for (const { method, path, source } of routes) {
    const { scope, tail } = placed(path);
    const key = tail.replaceAll(/\{\w+\}/g, '{}').toLowerCase();
    const row = rows.get(key) ?? {
      path: tail,
      scopes: new Set(),
      methods: new Set(),
      sources: new Set(),
    };
    row.scopes.add(scope);
    row.methods.add(method);
    row.sources.add(source);
    rows.set(key, row);
  }
  const lines = [...rows.values()]
    .toSorted((one, other) => order(one.path) - order(other.path))
    .map(({ path, scopes, methods, sources }) => {
      const cells = [[...methods].join(', '), [...scopes].join(', '), [...sources].join(', ')];
      return `| \`${path}\` | ${cells.join(' | ')} |`;
    });
  return ['| Path | Methods | In | Source |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** Resource providers first, then ARM itself, then the rest; within each as registered. */
const order = (path: string): number =>
  path.startsWith('Microsoft.') ? 0 : /^\/(subscriptions|tenants)/.test(path) ? 1 : 2;

function placed(path: string): { scope: string; tail: string } {
  for (const [prefix, scope] of [
    [GROUP, 'group'],
    [SUBSCRIPTION, 'subscription'],
    [SCOPE, 'any scope'],
  ] as const)
    if (path.startsWith(prefix) && !path.includes('providers/{namespace}'))
      return { scope, tail: path.slice(prefix.length) };
  return { scope: '', tail: path };
}

/** The README with its table up to date. Throws when it lacks the markers. */
export function withCoverage(readme: string, routes: readonly Route[]): string {
  const [start, end] = [readme.indexOf(OPEN), readme.indexOf(CLOSE)];
  if (start < 0 || end < start) throw new Error(`The README lacks ${OPEN} … ${CLOSE}`);
  return `${readme.slice(0, start + OPEN.length)}\n\n${coverageTable(routes)}\n\n${readme.slice(end)}`;
}
