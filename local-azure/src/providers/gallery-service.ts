/** The gallery service as a whole: galleries, definitions and versions share what lingers. */
import type { Arm } from '../arm.ts';
import { registerDefinitions } from './definitions.ts';
import { registerGalleries } from './galleries.ts';
import { Lingering } from './gallery-common.ts';
import { Lifecycle } from './versions/lifecycle.ts';
import { registerSoftDeleted } from './versions/soft-delete.ts';
import { registerVersions } from './versions/versions.ts';

/** Registers all routes of the gallery service. */
export function registerGalleryService(arm: Arm): void {
  const lingering = new Lingering(arm);
  registerGalleries(arm, lingering);
  registerDefinitions(arm, lingering);
  registerVersions(arm, new Lifecycle(arm, lingering));
  registerSoftDeleted(arm);
}
