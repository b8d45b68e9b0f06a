import {
  formatResourceId,
  groupOf,
  nameOf,
  parentId,
  parseResourceId,
  resourceIdOf,
} from '../domain/resource-id.ts';
import type { Permission } from '../domain/subscription.ts';
import type { Reads } from '../run/ports.ts';
import { inTurn } from '../run/reading.ts';
import { GALLERY_API, NETWORK_API } from './api-versions.ts';
import { making } from './creations.ts';
import { generationOf, osTypeOf } from './facts.ts';
import { get, pages, query, TYPES } from './requests.ts';
import { Session } from './session.ts';
import {
  denialsIn,
  lockFacts,
  networkFacts,
  quotaFacts,
  regionFacts,
  sizeFacts,
} from './subscription-facts.ts';

/** Versions of ARM's own API: learn, "Providers - Get", "Management Locks", "Permissions". */
const RESOURCES_API = '2021-04-01';
const LOCKS_API = '2020-05-01';
const PERMISSIONS_API = '2022-04-01';
/** azure-rest-api-specs, policyinsights; the first version that names effects. */
const POLICY_API = '2023-03-01';
/** It is a check that a run can do without. */
const POLICY_TRIES = 3;

/** Reads of what surrounds a VM: what a subscription offers, and what it forbids. */
export const subscriptionReadsOf = (session: Session) =>
  ({
    galleryRegions: async (beside) => {
      const { subscriptionId } = resourceIdOf(beside);
      const found = await session.read(
        `/subscriptions/${subscriptionId}/providers/Microsoft.Compute`,
        'read which regions Microsoft.Compute offers',
        get(RESOURCES_API, regionFacts),
      );
      return found?.length ? found : undefined;
    },

    vmSize: async ({ id, location, size }) => {
      const sizes = await session.list(
        id,
        `read what VM sizes offer in ${location}`,
        (client, _, options) => client.virtualMachineSizes.list(location, options),
        ({ name, numberOfCores: vCPUs = 0, memoryInMB = 0 }) => ({
          name: name?.toLowerCase(),
          offers: { vCPUs, memoryGiB: memoryInMB / 1024 },
        }),
      );
      return sizes?.find(({ name }) => name === size.toLowerCase())?.offers;
    },

    locks: async (scope) =>
      (await session.list(
        `${scope}/providers/Microsoft.Authorization/locks`,
        `read the locks of ${nameOf(scope)}`,
        pages<Parameters<typeof lockFacts>[0]>(LOCKS_API),
        lockFacts,
      )) ?? [],

    permissions: (scope) =>
      session.list(
        `${scope}/providers/Microsoft.Authorization/permissions`,
        `read what this identity is allowed to do on ${nameOf(scope)}`,
        pages<Partial<Permission>>(PERMISSIONS_API),
        ({ actions = [], notActions = [] }): Permission => ({
          actions,
          notActions,
        }),
      ),

    virtualNetwork: (id) =>
      session.read(id, `read virtual network ${nameOf(id)}`, get(NETWORK_API, networkFacts)),

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

    definitionsFor: async (vm) => {
      const galleries = await session.list(
        vm.id,
        'list galleries',
        (client, _, options) => client.galleries.list(options),
        ({ id = '' }) => formatResourceId(resourceIdOf(id)),
      );
      if (!galleries) return undefined;
      const found = await inTurn(galleries, async (gallery) => {
        const ids = await session.list(
          gallery,
          'list image definitions',
          TYPES.definition.list,
          ({ id, osType, hyperVGeneration }) => {
            const generation = generationOf(hyperVGeneration);
            const differs = generation && vm.generation && generation !== vm.generation;
            return osTypeOf(osType) === vm.osType && !differs && id ? [id] : [];
          },
        );
        return session.below(gallery, GALLERY_API, ids);
      });
      return found.flat(2);
    },

    /** Azure Policy, asked beforehand (learn, "Policy Restrictions - Check At Resource Group Scope"). */
    denials: async (creation) => {
      const { id, doing, call } = making(creation);
      const { type = '' } = parseResourceId(id) ?? {};
      const hasty = new Session(session.arm, { ...session.options, mostFailures: POLICY_TRIES });
      const { apiVersion, content } = await session.arm.sketch(id, call);
      const isChild = type.split('/').length > 2;
      const body = {
        resourceDetails: {
          apiVersion,
          resourceContent: { ...content, type, name: nameOf(id) },
          ...(isChild && { scope: parentId(id) }),
        },
        pendingFields: [{ field: 'tags' }],
      };
      const found = await hasty.read(
        id,
        `ask whether a policy forbids to ${doing}`,
        query(
          `${groupOf(id)}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`,
          POLICY_API,
          body,
          denialsIn,
        ),
      );
      return (found ?? []).map((denial) => ({ ...denial, doing }));
    },
  }) satisfies Partial<Reads>;
