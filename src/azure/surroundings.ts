import type { ResourceSku, Usage } from '@azure/arm-compute';
import { normaliseRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { CoreQuota, OfferedSize, VirtualNetwork } from '../domain/surroundings.ts';
import type { Reads } from '../run/ports.ts';
import type { Session } from './session.ts';

/** Reads of what a throw-away VM meets: its network, sizes and quotas. */
export const surroundingReadsOf = (
  session: Session,
  networkApi: string,
): Pick<Reads, 'virtualNetwork' | 'offeredSizes' | 'coreQuotas'> => ({
  virtualNetwork: (id) =>
    session.readPlain<AzureNetwork, VirtualNetwork>(
      id,
      `read virtual network ${nameOf(id)}`,
      networkApi,
      networkFacts,
    ),

  offeredSizes: async (beside, location) =>
    (
      await session.list(
        beside,
        `read which VM sizes ${location} offers`,
        // The one filter that the list knows (compute/resource-skus/list).
        ({ resourceSkus }, _, options) =>
          resourceSkus.list({ ...options, filter: `location eq '${location}'` }),
        (sku) => (sku.resourceType?.toLowerCase() === 'virtualmachines' ? [sizeFacts(sku)] : []),
      )
    )?.flat() ?? [],

  coreQuotas: async (beside, location) =>
    (await session.list(
      beside,
      `read how much of the quotas in ${location} is used`,
      ({ usage }, _, options) => usage.list(location, options),
      quotaFacts,
    )) ?? [],
});

interface AzureNetwork {
  readonly location?: string;
  readonly properties?: { readonly subnets?: readonly { readonly name?: string }[] };
}

const networkFacts = ({ location = '', properties = {} }: AzureNetwork): VirtualNetwork => ({
  location: normaliseRegion(location),
  subnets: (properties.subnets ?? []).map(({ name = '' }) => name),
});

const quotaFacts = ({ name, currentValue, limit }: Usage): CoreQuota => ({
  name: name?.value ?? '',
  shown: name?.localizedValue ?? name?.value ?? '',
  used: currentValue ?? 0,
  limit: limit ?? -1,
});

/** A size of the list of SKUs; names of capabilities: virtual-machines/generation-2, trusted-launch-faq. */
function sizeFacts({
  name = '',
  family = '',
  capabilities = [],
  restrictions = [],
}: ResourceSku): OfferedSize {
  const said = new Map(capabilities.map((each) => [each.name, each.value ?? '']));
  const list = (capability: string) => (said.get(capability) ?? '').split(/[\s,]+/).filter(Boolean);
  const restriction = restrictions.find(({ type }) => type === 'Location');
  return {
    name,
    family,
    vCPUs: Number(said.get('vCPUs') ?? 0) || 0,
    architectures: list('CpuArchitectureType'),
    generations: list('HyperVGenerations'),
    diskControllers: list('DiskControllerTypes'),
    confidential: said.has('ConfidentialComputingType'),
    trustedLaunch: said.get('TrustedLaunchDisabled')?.toLowerCase() !== 'true',
    ...(restriction && { restriction: restriction.reasonCode ?? 'NotAvailableForSubscription' }),
  };
}
