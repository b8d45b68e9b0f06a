import { compareVersions, parseVersion, type VersionNumber } from '../../domain/image-version.ts';
import type { ImageVersion } from '../../domain/observed.ts';

/** The versions from the highest number to the lowest; numbers Azure would not take are left out. */
export function newestFirst(versions: readonly ImageVersion[]): ImageVersion[] {
  return versions
    .map((version) => ({ version, number: parseVersion(version.name) }))
    .filter(
      (entry): entry is { version: ImageVersion; number: VersionNumber } =>
        typeof entry.number === 'object',
    )
    .sort((a, b) => compareVersions(b.number, a.number))
    .map(({ version }) => version);
}
