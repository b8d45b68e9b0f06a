import { Failure } from '../domain/failure.ts';

/**
 * What only a check needs, and nothing else depends on: an identity that may not see it, or a cloud
 * that does not know it, gets by without.
 */
export const ifAllowed = <T>(read: Promise<T>): Promise<T | undefined> =>
  read.catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.kind === 'refused') return undefined;
    throw thrown;
  });
