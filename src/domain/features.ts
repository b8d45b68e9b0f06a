import { compareVersions, parseVersion, type VersionNumber } from './image-version.ts';

/** What an image definition says of its versions, and demands of their sources, by its features. */
export interface Features {
  /** The `SecurityType` feature; `Standard` when the definition has none. */
  readonly securityType: string;
  /** The `DiskControllerTypes` feature; `SCSI` alone when the definition has none. */
  readonly diskControllers: readonly string[];
  /** Whether it demands what supports accelerated networking. */
  readonly acceleratedNetwork: boolean;
  readonly hibernation: boolean;
}

/** The features of the versions from a number on, up to that of the next stage. */
export interface FeatureStage extends Features {
  readonly from: VersionNumber;
}

interface Staged extends Features {
  /** Ascending; absent when the features are the same for every version. */
  readonly stages?: readonly FeatureStage[];
}

/** The definition as it is for versions with this number: Azure compares `startsAtVersion` with it. */
export function definitionAt<D extends Staged>(definition: D, version: string | undefined): D {
  const number = parseVersion(version ?? '');
  if (!definition.stages || typeof number !== 'object') return definition;
  const stage = definition.stages.findLast(({ from }) => compareVersions(from, number) <= 0);
  return stage ? at(definition, stage) : definition;
}

/** The same definition as it is for versions of this stage. */
function at<D extends Staged>(definition: D, { from: _, ...features }: FeatureStage): D {
  return { ...definition, ...features };
}

/** The versions whose features fit, where those of this version do not. */
interface Fitting {
  /** The lowest such number above it. */
  readonly from?: VersionNumber;
  /** All such numbers are below this one, which is not above it. */
  readonly below?: VersionNumber;
}

/** For which other versions the features of a definition fit; `undefined` when for none. */
export function fitting<D extends Staged>(
  definition: D,
  version: string | undefined,
  fits: (definition: D) => boolean,
): Fitting | undefined {
  const { stages = [] } = definition;
  const number = parseVersion(version ?? '');
  if (typeof number !== 'object') return undefined;
  const isLater = ({ from }: FeatureStage) => compareVersions(from, number) > 0;
  const later = stages.find((stage) => isLater(stage) && fits(at(definition, stage)));
  if (later) return { from: later.from };
  const earlier = stages.findLastIndex((stage) => !isLater(stage) && fits(at(definition, stage)));
  const next = stages[earlier + 1];
  return earlier >= 0 && next ? { below: next.from } : undefined;
}
