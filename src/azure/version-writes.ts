import type { GalleryImageVersion } from '@azure/arm-compute';
import { nameOf } from '../domain/resource-id.ts';
import { holds, type VersionChange } from '../domain/version-order.ts';
import { hasFailed } from '../plan/replicated.ts';
import type { Compute } from '../run/ports.ts';
import { sending } from './creations.ts';
import type { ReadingHalf } from './reads.ts';
import { when } from './removal.ts';
import type { Session } from './session.ts';
import { sendChange } from './version-change.ts';

/**
 * Whether only tags are changed: should another writer overwrite them, no region is lost. A request
 * that changes nothing is sent for the regions that failed.
 */
const isOfTagsAlone = ({ tags, ...rest }: VersionChange): boolean =>
  Object.keys(tags).length > 0 &&
  Object.values(rest).every((part) => Array.isArray(part) && part.length === 0);

/** The writes of image versions. */
export function versionWritesOf(session: Session, reads: ReadingHalf) {
  return {
    createVersion: async (order) => {
      const { created } = await session.send({
        ...sending({ make: 'version', order }),
        effect: 'made',
        // Whosever it is: the caller looks at the owner, and another request would not help.
        landed: when(reads.version, order.id, (version) => version !== undefined),
      });
      return created;
    },

    updateVersion: async (id, change) => {
      await session.send({
        id,
        doing: `change image version ${nameOf(id)}`,
        tags: change.tags,
        untilFree: true,
        call: (client, [group, gallery, definition, name], options) => {
          const { galleryImageVersions } = client;
          const at = [group, gallery, definition, name] as const;
          const { abortSignal } = options;
          const read = () =>
            galleryImageVersions.get(...at, { abortSignal, expand: 'ReplicationStatus' });
          const put = (body: GalleryImageVersion) =>
            galleryImageVersions.createOrUpdate(...at, body, options).submitted();
          return { submitted: () => sendChange(id, change, { read, put }) };
        },
        landed: when(
          reads.version,
          id,
          (version) => version && !hasFailed(version) && holds(version, change),
        ),
      });
      if (!isOfTagsAlone(change)) session.changedAt = Date.now();
    },
  } satisfies Partial<Compute>;
}
