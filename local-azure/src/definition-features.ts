/** Features of an image definition that hold from a version on (`startsAtVersion`, azure-cli#33172). */
import { type JsonObject, objectsAt, textAt } from './json.ts';
import type { Resource } from './world.ts';

const partsOf = (version: string): number[] => version.split('.').map(Number);

/** Negative when `a` is the lower version. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  const differences = [0, 1, 2].map((index) => (left[index] ?? 0) - (right[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

const startOf = (feature: JsonObject): string => textAt(feature, 'startsAtVersion') ?? '0.0.0';

/**
 * A definition with only the features that it has for a version: of several of a name the one that
 * starts last, which is inferred from what the property is for.
 */
export function definitionAt<D extends Resource | undefined>(definition: D, version: string): D {
  const features = objectsAt(definition, 'properties', 'features');
  if (!definition || features.length === 0) return definition;
  const begun = features
    .filter((each) => compareVersions(startOf(each), version) <= 0)
    .sort((a, b) => compareVersions(startOf(b), startOf(a)));
  return { ...definition, properties: { ...definition.properties, features: begun } };
}
