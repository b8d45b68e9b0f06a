/**
 * For every rule of a promotion a case that breaks just it, and the nearest one that just passes.
 */
import { changeBoundaries } from './promote-change.ts';
import { copyBoundaries } from './promote-copy.ts';
import { throwAwayBoundaries } from './verification.ts';

export const PROMOTE_BOUNDARIES = {
  ...copyBoundaries,
  ...changeBoundaries,
  ...throwAwayBoundaries,
};
