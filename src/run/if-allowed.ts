import { type Failure, isRefusal } from '../domain/failure.ts';

/**
 * Does what the run can do without, such as reading what only a check needs: `undefined` when the
 * identity lacks permission for it, or the cloud does not know it.
 *
 * @param tell is given Azure's refusal
 */
export const ifAllowed = <T>(
  request: Promise<T>,
  tell?: (refusal: Failure) => void,
): Promise<T | undefined> =>
  request.catch((thrown: unknown) => {
    if (!isRefusal(thrown)) throw thrown;
    tell?.(thrown);
    return undefined;
  });
