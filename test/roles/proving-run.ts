import { parentId } from '../../local-azure/src/arm-id.ts';
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import type { RightsName } from '../../src/plan/rights.ts';
import { capture, definitionId, promote, type Run, type RunOptions } from '../scenarios/harness.ts';
import { DESTINATION } from './worlds.ts';

/** A run of the action in a world of its own. */
export interface ProvingRun {
  readonly name: string;
  readonly rights: readonly RightsName[];
  /** Whether of the rights only those that read are given. */
  readonly readOnly?: boolean;
  /** Brings the default world to where the run begins, before any role is assigned. */
  readonly prepare?: (azure: LocalAzure) => Promise<void> | void;
  /** The gallery that is written to; the default world's when left out. */
  readonly gallery?: string;
  readonly run: (azure: LocalAzure) => Promise<Run>;
}

/** A capture into a definition that takes the VM as it is, with snapshots. */
export const specialized = (azure: LocalAzure) => ({
  snapshot: true,
  definition: definitionId(azure, 'ubuntu-2404-specialized'),
});

/** A capture. */
export const captures = (
  request: NonNullable<RunOptions['request']> = {},
  more: RunOptions = {},
) => ({
  run: (azure: LocalAzure) => capture(azure, { ...more, request }),
});

/** A copy of version 1.0.0 into the gallery of another subscription. */
export const copies = (asked: Parameters<typeof promote>[1] = {}, options: RunOptions = {}) => ({
  gallery: parentId(DESTINATION),
  run: (azure: LocalAzure) => promote(azure, { destination: DESTINATION, ...asked }, options),
});
