/** Where promotions begin: a version in a dev gallery, and a gallery to release it into. */

import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { definition, gallery } from '../../local-azure/src/world-parts.ts';
import type { CaptureRequest } from '../../src/domain/request.ts';
import { capture, definitionId, localAzure } from './harness.ts';

/** Its subscription. */
export const OTHER = '77777777-2222-3333-4444-555555555555';
const PLACE = { subscriptionId: OTHER, resourceGroup: 'released', location: 'westeurope' };
/** The definition to copy into, in another subscription. */
export const DESTINATION = `/subscriptions/${OTHER}/resourceGroups/released/providers/Microsoft.Compute/galleries/production/images/ubuntu`;

/** A dev gallery with version 1.0.0, and an empty gallery in another subscription. */
export async function devAndProduction(request: Partial<CaptureRequest> = {}): Promise<LocalAzure> {
  const azure = localAzure();
  azure.world.put(gallery(PLACE, 'production'));
  azure.world.put(
    definition(PLACE, 'production', {
      name: 'ubuntu',
      osType: 'Linux',
      osState: 'Generalized',
      securityType: 'TrustedLaunch',
    }),
  );
  const captured = await capture(azure, {
    request: {
      deprovision: 'never',
      excludeFromLatest: true,
      tags: { team: 'images' },
      ...request,
    },
    runId: 'build',
  });
  if (captured.failure) throw captured.failure;
  azure.requests.clear();
  return azure;
}

/** A resource as it is once all that is due has happened. */
export function stored(azure: LocalAzure, id: string) {
  azure.settle();
  const found = azure.world.get(id);
  if (!found) throw new Error(`There is no ${id}`);
  return structuredClone(found);
}

/** ID of version 1.0.0 in the dev gallery. */
export const inDev = (azure: LocalAzure) => `${definitionId(azure)}/versions/1.0.0`;
