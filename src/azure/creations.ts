import { nameOf } from '../domain/resource-id.ts';
import type { Creation } from '../run/orders.ts';
import { imageBody, snapshotBody, versionBody } from './bodies.ts';
import type { Write } from './session.ts';
import { throwAwayBody } from './throw-away-body.ts';

/** The request that makes a resource. */
export function sending(creation: Creation): Pick<Write, 'id' | 'doing' | 'tags' | 'call'> {
  const { id, tags } = creation.order;
  return { id, tags, ...requestOf(creation) };
}

function requestOf(creation: Creation): Pick<Write, 'doing' | 'call'> {
  const shown = nameOf(creation.order.id);
  switch (creation.make) {
    case 'snapshot': {
      const body = snapshotBody(creation.order);
      return {
        doing: `take snapshot ${shown}`,
        call: ({ snapshots }, [group, name], options) =>
          snapshots.createOrUpdate(group, name, body, options),
      };
    }
    case 'image': {
      const body = imageBody(creation.order);
      return {
        doing: `make managed image ${shown}`,
        call: ({ images }, [group, name], options) =>
          images.createOrUpdate(group, name, body, options),
      };
    }
    case 'version': {
      const body = versionBody(creation.order);
      return {
        doing: `create image version ${shown}`,
        call: ({ galleryImageVersions }, [group, gallery, definition, name], options) =>
          galleryImageVersions.createOrUpdate(group, gallery, definition, name, body, options),
      };
    }
    case 'vm': {
      const body = throwAwayBody(creation.order, creation.dataDisks);
      return {
        doing: `make VM ${shown} of the image version`,
        call: ({ virtualMachines }, [group, name], options) =>
          virtualMachines.createOrUpdate(group, name, body, options),
      };
    }
  }
}
