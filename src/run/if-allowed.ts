import { Failure } from '../domain/failure.ts';

/**
 * Reads what only a check needs: `undefined` when the identity lacks permission to see it, or the cloud
 * does not know it.
 */
export const ifAllowed = <T>(read: Promise<T>): Promise<T | undefined> =>
  read.catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.kind === 'refused') return undefined;
    throw thrown;
  });
