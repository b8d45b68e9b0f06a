import type { RegionEncryption } from './encryption.ts';

export const STORAGE_ACCOUNT_TYPES = [
  'Standard_LRS',
  'Standard_ZRS',
  'Premium_LRS',
  'PremiumV2_LRS',
] as const;
export type StorageAccountType = (typeof STORAGE_ACCOUNT_TYPES)[number];

/** Replicas of one region, or of a whole version: 1 to 100. */
export const MOST_REPLICAS = 100;
/** Replicas of a region when nobody says how many: ours and Azure's. */
export const DEFAULT_REPLICAS = 1;

/** A region as the user named it: what is not given is left to the version's own defaults. */
export interface RegionChoice {
  /** Compact name, such as `westeurope`. */
  readonly name: string;
  readonly replicas?: number;
  readonly storageAccountType?: StorageAccountType;
  /** Takes precedence over the version's own, in this region. */
  readonly excludeFromLatest?: boolean;
  readonly encryption?: RegionEncryption;
}

/** A region a version is to have, or has. */
export interface TargetRegion extends RegionChoice {
  readonly replicas: number;
}

/**
 * The compact form of a region's name: Azure answers "West Europe" in a version's target regions
 * and "westeurope" in its replication status (recorded).
 */
export const normaliseRegion = (name: string): string => name.toLowerCase().replace(/\s+/g, '');

/** Whether two names mean one region, as `West Europe` and `westeurope` do. */
export const sameRegion = (a: string, b: string): boolean =>
  normaliseRegion(a) === normaliseRegion(b);

/** The region of this name, however it is written. */
export const regionOf = <R extends { readonly name: string }>(
  regions: readonly R[],
  name: string,
): R | undefined => regions.find((region) => sameRegion(region.name, name));

/** Whether one of the regions has this name, however it is written. */
export const isAmong = (name: string, regions: readonly { readonly name: string }[]): boolean =>
  regionOf(regions, name) !== undefined;

/**
 * The target regions of a new version: the user's in their order, and the home region first when
 * it was not named, because Azure refuses a version without it (azure-cli, test_gallery_e2e).
 */
export function targetRegions(
  home: string,
  choices: readonly RegionChoice[],
  replicas: number,
): TargetRegion[] {
  const named = isAmong(home, choices);
  const all = named ? choices : [{ name: normaliseRegion(home) }, ...choices];
  return withReplicas(all, replicas);
}

/** These regions, each with a number of replicas: its own, or else this one. */
export const withReplicas = (
  choices: readonly RegionChoice[],
  replicas = DEFAULT_REPLICAS,
): TargetRegion[] =>
  choices.map((choice) => ({ ...choice, replicas: choice.replicas ?? replicas }));
