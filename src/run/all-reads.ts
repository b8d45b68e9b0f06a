import { Failure } from '../domain/failure.ts';

/**
 * What all of these come to. When Azure refuses several, every refusal is told in one failure: who
 * mends one would only meet the next. Anything else that fails goes first, as it is.
 */
export async function allReads<T extends readonly unknown[]>(
  reads: {
    readonly [K in keyof T]: T[K] | Promise<T[K]>;
  },
): Promise<T> {
  const settled = await Promise.allSettled(reads);
  const thrown = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (thrown.length > 0) throw all(thrown);
  return settled.map((each) => each.status === 'fulfilled' && each.value) as unknown as T;
}

function all(thrown: readonly unknown[]): unknown {
  const refusals = thrown.filter(
    (each): each is Failure => each instanceof Failure && each.kind === 'refused',
  );
  const [first, second] = refusals;
  const other = thrown.find((each) => !refusals.some((refusal) => refusal === each));
  if (other !== undefined || !first || !second) return other ?? first;
  const { kind, remedy, code, correlationId, status } = first;
  return new Failure({
    kind,
    what: `Azure refused ${refusals.length} reads:\n${refusals.map(({ what, why }) => `- ${[what, why].filter(Boolean).join(' ')}`).join('\n')}`,
    ...(remedy && { remedy }),
    ...(code && { code }),
    ...(correlationId && { correlationId }),
    ...(status && { status }),
    cause: first,
  });
}
