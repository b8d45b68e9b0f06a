import type { SentRequest } from './network.ts';

/** A request of the undisturbed run that the matrix strikes. */
export interface Point extends SentRequest {
  /** Its number in the run. */
  readonly at: number;
}

/** Of looks at the same thing in a row, the first ones and the last are struck: the rest are alike. */
const FIRST = 2;

/** The requests worth striking: every write, and of repeated looks some. */
export function pointsOf(requests: readonly SentRequest[]): Point[] {
  const all = requests.map((request, at) => ({ ...request, at }));
  const byLook = Map.groupBy(all, ({ method, path }) => `${method} ${path}`);
  return all.filter((point) => {
    if (point.method !== 'GET') return true;
    const alike = byLook.get(`${point.method} ${point.path}`) ?? [];
    const index = alike.findIndex(({ at }) => at === point.at);
    return index < FIRST || index === alike.length - 1 || precedesWrite(all, point.at);
  });
}

const precedesWrite = (all: readonly Point[], at: number): boolean => {
  const next = all[at + 1];
  return next !== undefined && next.method !== 'GET';
};

/** A request in a line: the last names of its path. */
export const describePoint = ({ at, method, path }: Point): string =>
  `#${at} ${method} ${path.split('/').slice(-3).join('/')}`;
