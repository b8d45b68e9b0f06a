/** `POST galleries/{gallery}/share`: whom a gallery is shared with (recorded in test_shared_gallery). */
import { type Arm, inGroup } from '../arm.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import { pollRegion } from '../regions.ts';
import type { Resource } from '../world.ts';
import { galleryType } from './gallery-common.ts';

/** Seconds an operation takes: median of recorded ones. */
const shareSeconds = 0.3;

/** Registers the share action. */
export function registerSharing(arm: Arm): void {
  arm.route('POST', inGroup(`${galleryType}/{gallery}/share`), 'recordings', (request) => {
    const gallery = arm.world.get(request.id);
    const operation = arm.operations.start(request, {
      kind: 'capsOperations',
      location: pollRegion(textAt(gallery, 'location') ?? ''),
      name: 'POST galleries/share',
      resource: request.id,
      seconds: shareSeconds,
      onEnd: () => {
        if (gallery !== undefined) applyShare(gallery, request.body);
        return undefined;
      },
    });
    return operation.reply(202, undefined, { location: true });
  });
}

function applyShare(gallery: Resource, body: JsonObject): void {
  const operation = textAt(body, 'operationType')?.toLowerCase();
  if (operation === 'reset') {
    gallery.properties.sharingProfile = { permissions: 'Private' };
    return;
  }
  const profile = objectAt(gallery, 'properties', 'sharingProfile');
  if (operation === 'enablecommunity') {
    objectAt(profile, 'communityGalleryInfo').communityGalleryEnabled = true;
    return;
  }
  const ids = new Map(
    objectsAt(profile, 'groups').map((group) => [group.type, listAt(group, 'ids')]),
  );
  for (const group of objectsAt(body, 'groups')) {
    const named = listAt(group, 'ids');
    const others = (ids.get(group.type) ?? []).filter((id) => !named.includes(id));
    ids.set(group.type, operation === 'add' ? [...others, ...named] : others);
  }
  const groups = [...ids].filter(([, members]) => members.length > 0);
  const listed = groups.map(([type, members]): JsonObject => ({ type, ids: members }));
  const permissions = profile.permissions ?? 'Groups';
  gallery.properties.sharingProfile = {
    permissions,
    ...(listed.length === 0 ? {} : { groups: listed }),
  };
}
