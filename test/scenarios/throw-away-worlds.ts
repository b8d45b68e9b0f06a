/** Worlds that break the rules on the throw-away VM, for captures and promotions alike. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { asResource, type ResourceInput } from '../../local-azure/src/world.ts';
import type { VerifySettings } from '../../src/domain/verification.ts';
import { subnetId, verifySettings } from './harness.ts';

/** What a verification meets. */
export interface ThrowAwayWorld {
  readonly change?: (azure: LocalAzure) => void;
  readonly request: (azure: LocalAzure) => { readonly verify: VerifySettings };
}

const verified =
  (of: (azure: LocalAzure) => Partial<VerifySettings> = () => ({})): ThrowAwayWorld['request'] =>
  (azure) => ({ verify: verifySettings(azure, of(azure)) });

const inWestEurope = (
  azure: LocalAzure,
  what: string,
  properties: ResourceInput['properties'] = {},
): void => {
  const id = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Compute/locations/westeurope/${what}`;
  azure.world.put(asResource({ id, properties }));
};

/** By the rule's id. */
export const throwAwayWorlds: Readonly<Record<string, ThrowAwayWorld>> = {
  'verify-group-missing': {
    request: verified(({ subscriptionId }) => ({
      group: `/subscriptions/${subscriptionId}/resourceGroups/nowhere`,
    })),
  },
  'verify-subnet-missing': {
    request: verified((azure) => ({ subnet: `${subnetId(azure)}-not` })),
  },
  'verify-subnet-region': {
    change: (azure) => {
      const network = azure.world.get(subnetId(azure).replace(/\/subnets\/.*/, ''));
      if (network) network.location = 'northeurope';
    },
    request: verified(),
  },
  'verify-size-unavailable': {
    change: (azure) => inWestEurope(azure, 'vmSizes/Standard_E2s_v5', { offered: false }),
    request: verified(() => ({ size: 'Standard_E2s_v5' })),
  },
  'verify-size-unfit': {
    request: verified(() => ({ size: 'Standard_D2ps_v6' })),
  },
  'verify-quota': {
    change: (azure) => inWestEurope(azure, 'usages/standardESv5Family', { limit: 3 }),
    request: verified(() => ({ size: 'Standard_E4s_v5' })),
  },
};
