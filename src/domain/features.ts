import { compareVersions, type VersionNumber, versionNumber } from './image-version.ts';

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
  const number = versionNumber(version);
  const stage =
    number && definition.stages?.findLast(({ from }) => compareVersions(from, number) <= 0);
  if (!stage) return definition;
  const { from: _, ...features } = stage;
  return { ...definition, ...features };
}
