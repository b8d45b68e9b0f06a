/** Azure's public regions: how they are spelt where, and what they can store. */

/** A region; `hasZones` means availability zones and with them zone-redundant storage. */
export interface Region {
  /** Compact name, as in `location` and `replicationStatus`. */
  readonly name: string;
  /** Display name, as a version's `targetRegions` come back (recorded). */
  readonly displayName: string;
  readonly hasZones: boolean;
}

/** Display names from Azure's list of regions; those before the bar have availability zones. */
const zoned =
  'Australia East,Austria East,Belgium Central,Brazil South,Canada Central,Central India,Central US,' +
  'Chile Central,East Asia,East US,East US 2,France Central,Germany West Central,Indonesia Central,' +
  'Israel Central,Italy North,Japan East,Japan West,Korea Central,Malaysia West,Mexico Central,' +
  'New Zealand North,North Europe,Norway East,Poland Central,Qatar Central,South Africa North,' +
  'South Central US,Southeast Asia,Spain Central,Sweden Central,Switzerland North,UAE North,' +
  'UK South,West Europe,West US 2,West US 3,East US 2 EUAP,Central US EUAP';
const unzoned =
  'Australia Central,Australia Central 2,Australia Southeast,Brazil Southeast,Canada East,' +
  'France South,Germany North,Jio India Central,Jio India West,Korea South,North Central US,' +
  'Norway West,South Africa West,South India,Sweden South,Switzerland West,UAE Central,UK West,' +
  'West Central US,West India,West US';

/** Every region of the public cloud that the local Azure knows, in order of display name. */
export const regions: readonly Region[] = [...listed(zoned, true), ...listed(unzoned, false)].sort(
  (a, b) => a.displayName.localeCompare(b.displayName),
);

const byName = new Map(regions.map((region) => [region.name, region]));

/** Adds a region that the list lacks, by the best name that is known of it; zones are assumed. */
export function learnRegion(displayName: string): void {
  const name = compactRegion(displayName);
  byName.set(name, { name, displayName, hasZones: true });
}

/** The compact form of any spelling of a region (`East US 2` and `EASTUS2` are `eastus2`). */
export function compactRegion(spelling: string): string {
  return spelling.toLowerCase().replaceAll(' ', '');
}

/** The region of this name in any spelling, or undefined when there is none. */
export function findRegion(spelling: string): Region | undefined {
  return byName.get(compactRegion(spelling));
}

/** The display name; an unknown region keeps the spelling it was given. */
export function displayRegion(spelling: string): string {
  return findRegion(spelling)?.displayName ?? spelling;
}

/** Regions that the gallery and VM services write in poll URLs as they are displayed (recorded). */
const displayedInPolls = new Set(['centraluseuap', 'eastus2euap', 'francecentral']);

/**
 * How the gallery and VM services spell a region in poll URLs: compact, but some as in
 * `CentralUSEUAP` (the disk service writes those in lower case like the rest).
 */
export function pollRegion(spelling: string): string {
  const region = findRegion(spelling);
  if (region === undefined || !displayedInPolls.has(region.name)) return compactRegion(spelling);
  return region.displayName.replaceAll(' ', '');
}

function listed(names: string, hasZones: boolean): Region[] {
  return names
    .split(',')
    .map((displayName) => ({ name: compactRegion(displayName), displayName, hasZones }));
}
