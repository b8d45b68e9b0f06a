import type { Lock } from '../../domain/circumstances.ts';
import type { Surroundings } from '../../domain/observed.ts';
import type { StorageAccountType, TargetRegion } from '../../domain/regions.ts';
import type { NeededRight } from '../needed-rights.ts';
import type { Found, Need, Rule } from './rule.ts';

/** What the rules look at that concern a version whatever it is made of. */
export interface CommonFacts {
  /** Resource ID of the definition that the version is of. */
  readonly definition: string;
  readonly survey: Surroundings;
  /** Nothing is made any more: what only concerns the making is moot. */
  readonly made: boolean;
  /** All regions that the version is to have; those that were asked for when it cannot be resolved. */
  readonly regions: readonly TargetRegion[];
  /** Those of them that it does not have yet, and never had. */
  readonly added: readonly TargetRegion[];
  /** Of regions that say none. */
  readonly storageAccountType?: StorageAccountType;
  /** The version is not in `latest` yet, and is to be. */
  readonly entersLatest: boolean;
  /** The end of life that is to be set; UTC. */
  readonly endOfLife?: Date;
  /** The rights that the run needs; none when it has nothing to do. */
  readonly needs: readonly NeededRight[];
  /** Resource IDs that the plan creates or changes. */
  readonly changes: readonly string[];
  /** Resource IDs that the plan deletes. */
  readonly deletions: readonly string[];
  /** Locks on, above and below what is changed or deleted; absent when they may not be read. */
  readonly locks?: readonly Lock[];
}

export type CommonRule = Rule<CommonFacts>;

/** What Azure did not show of what the common rules look at. */
export const commonLacks = ({ survey, locks }: CommonFacts) => ({
  regions: survey.regions === undefined,
  locks: locks === undefined,
  rights: survey.rights.length === 0,
});

/** The needs that are not met. */
export const needsAmong = (lacks: Readonly<Partial<Record<Need, boolean>>>): Need[] =>
  (Object.keys(lacks) as Need[]).filter((need) => lacks[need]);

/** A check that is moot once this run has its version. */
export const unlessMade =
  <F extends { readonly made: boolean }>(check: (facts: F) => Found | undefined) =>
  (facts: F): Found | undefined =>
    facts.made ? undefined : check(facts);

/** `is` or `has` for one, `are` or `have` for more. */
export const number = (count: number, one: string, more: string): string =>
  count === 1 ? one : more;

/** Regions by name, with commas. */
export const names = (regions: readonly { readonly name: string }[]): string =>
  regions.map(({ name }) => name).join(', ');
