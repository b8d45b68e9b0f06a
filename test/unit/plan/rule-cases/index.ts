/**
 * For every rule a case that breaks just it, and the nearest one that just passes. What makes a
 * rule speak besides, and what keeps it quiet, is in the tests of its chapter.
 */
import { imageBoundaries } from './image.ts';
import { regionBoundaries } from './regions.ts';
import { verifyBoundaries } from './verification.ts';
import { vmBoundaries } from './vm.ts';

export const BOUNDARIES = {
  ...vmBoundaries,
  ...imageBoundaries,
  ...regionBoundaries,
  ...verifyBoundaries,
};
