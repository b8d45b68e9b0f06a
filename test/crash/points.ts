import { keyOf, type SentRequest } from './network.ts';

/** A request of the undisturbed run that the matrix strikes. */
export interface Point extends SentRequest {
  readonly key: string;
  /** How many requests of the same key came before it. */
  readonly after: number;
  /** Whether every run sends it: how often it looks, or writes again what was refused, varies. */
  readonly isSure: boolean;
}

/** Of looks at the same thing the first ones and the last are struck: the rest are alike. */
const FIRST = 2;

/** The requests worth striking: every write, and of repeated looks some. */
export function pointsOf(requests: readonly SentRequest[]): Point[] {
  const counts = Map.groupBy(requests, keyOf);
  const seen = new Map<string, number>();
  return requests.flatMap((request, index) => {
    const key = keyOf(request);
    const after = seen.get(key) ?? 0;
    seen.set(key, after + 1);
    const isLast = after + 1 === counts.get(key)?.length;
    const next = requests[index + 1];
    const precedesWrite = next !== undefined && next.method !== 'GET';
    const isWrite = request.method !== 'GET';
    if (!isWrite && after >= FIRST && !isLast && !precedesWrite) return [];
    return [{ ...request, key, after, isSure: after < FIRST }];
  });
}

/** A request in a line: the last names of its path. */
export const describePoint = ({ after, method, path }: Point): string =>
  `${method} ${path.split('/').slice(-3).join('/')}${after > 0 ? ` (no. ${after + 1})` : ''}`;
