import { compareVersions, parseVersion } from './image-version.ts';
import type { ImageVersion } from './observed.ts';

/**
 * What `latest` means among these versions, as Azure resolves it: the highest number, compared as
 * numbers, of those that are Succeeded and not excluded (azure.md §1, `excludeFromLatest`).
 */
export function latestOf(versions: readonly ImageVersion[]): ImageVersion | undefined {
  return versions
    .filter(
      ({ provisioningState, excludeFromLatest }) =>
        provisioningState === 'Succeeded' && !excludeFromLatest,
    )
    .flatMap((version) => {
      const number = parseVersion(version.name);
      return typeof number === 'object' ? [{ version, number }] : [];
    })
    .sort((a, b) => compareVersions(b.number, a.number))
    .map(({ version }) => version)[0];
}
