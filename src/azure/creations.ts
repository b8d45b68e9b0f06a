import { nameOf } from '../domain/resource-id.ts';
import type { Creation } from '../run/orders.ts';
import { imageBody, snapshotBody, versionBody } from './bodies.ts';
import type { LongCall, Write } from './session.ts';
import { throwAwayBody } from './throw-away-body.ts';

/** The request that makes a resource. */
export function sending(creation: Creation): Pick<Write, 'id' | 'doing' | 'tags' | 'call'> {
  const { id, tags } = creation.order;
  return { id, tags, doing: doingOf(creation), call: callOf(creation) };
}

function doingOf({ make, order }: Creation): string {
  switch (make) {
    case 'snapshot':
      return `take snapshot ${nameOf(order.id)}`;
    case 'image':
      return `make managed image ${nameOf(order.id)}`;
    case 'version':
      return `create image version ${nameOf(order.id)}`;
    case 'vm':
      return `make VM ${nameOf(order.id)} of the image version`;
  }
}

function callOf(creation: Creation): LongCall {
  switch (creation.make) {
    case 'snapshot': {
      const body = snapshotBody(creation.order);
      return ({ snapshots }, [group, name], options) =>
        snapshots.createOrUpdate(group, name, body, options);
    }
    case 'image': {
      const body = imageBody(creation.order);
      return ({ images }, [group, name], options) =>
        images.createOrUpdate(group, name, body, options);
    }
    case 'version': {
      const body = versionBody(creation.order);
      return ({ galleryImageVersions }, [group, gallery, definition, name], options) =>
        galleryImageVersions.createOrUpdate(group, gallery, definition, name, body, options);
    }
    case 'vm': {
      const body = throwAwayBody(creation.order, creation.dataDisks);
      return ({ virtualMachines }, [group, name], options) =>
        virtualMachines.createOrUpdate(group, name, body, options);
    }
  }
}
