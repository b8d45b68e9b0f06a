/** Boundaries of the rules on the throw-away VM. */
import { GALLERY_ID, SUBSCRIPTION } from '../../worlds.ts';
import { type Boundary, ofDefinition } from './making.ts';

const gallery = (softDelete: boolean) => ({
  gallery: { id: GALLERY_ID, location: 'westeurope', softDelete, provisioningState: 'Succeeded' },
});

const verify = {
  subnet: `/subscriptions/${SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build/subnets/default`,
  group: `/subscriptions/${SUBSCRIPTION}/resourceGroups/images`,
  timeoutSeconds: 1200,
  onFailure: 'keep',
} as const;

const ephemeral = { ephemeral: true, verify } as const;

/** By the rule's id. */
export const verifyBoundaries: Readonly<Record<string, Boundary>> = {
  'ephemeral-soft-delete': {
    breaks: { asked: ephemeral, seen: gallery(true) },
    passes: { asked: ephemeral, seen: gallery(false) },
  },
  'verify-specialized': {
    breaks: ofDefinition({ osState: 'Specialized' }, { verify }),
    passes: ofDefinition({ osState: 'Generalized' }, { verify }),
  },
};
