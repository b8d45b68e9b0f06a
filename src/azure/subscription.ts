import type { ResourceSku, Usage } from '@azure/arm-compute';
import { membersOf, recordsIn } from '../domain/plain-objects.ts';
import { normaliseRegion } from '../domain/regions.ts';
import {
  formatResourceId,
  groupOf,
  nameOf,
  parentId,
  parseResourceId,
  resourceIdOf,
} from '../domain/resource-id.ts';
import type {
  CoreQuota,
  Denial,
  GalleryRegion,
  Lock,
  OfferedSize,
  Permission,
  VirtualNetwork,
} from '../domain/subscription.ts';
import type { Reads } from '../run/ports.ts';
import { inTurn } from '../run/reading.ts';
import { GALLERY_API, NETWORK_API } from './api-versions.ts';
import { making } from './creations.ts';
import { generationOf, osTypeOf } from './facts.ts';
import { get, pages, query, TYPES } from './requests.ts';
import { Session } from './session.ts';

/** Versions of ARM's own API: learn, "Providers - Get", "Management Locks", "Permissions". */
const RESOURCES_API = '2021-04-01';
const LOCKS_API = '2020-05-01';
const PERMISSIONS_API = '2022-04-01';
/** azure-rest-api-specs, policyinsights; the first version that names effects. */
const POLICY_API = '2023-03-01';
/** It is a check that a run can do without. */
const POLICY_TRIES = 3;
/** Fields and policies that are told. */
const MOST_TOLD = 5;

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

const networkFacts = ({
  location = '',
  properties = {},
}: {
  readonly location?: string;
  readonly properties?: { readonly subnets?: readonly { readonly name?: string }[] };
}): VirtualNetwork => ({
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

/**
 * Where galleries may be. Galleries have no zones of their own: those of disks tell where
 * zone-redundant storage is ("Standard_ZRS … in regions that support availability zones",
 * azure-compute-gallery.md).
 */
export function regionFacts({
  resourceTypes = [],
}: {
  readonly resourceTypes?: readonly {
    readonly resourceType?: string;
    readonly locations?: readonly string[];
    readonly zoneMappings?: readonly {
      readonly location?: string;
      readonly zones?: readonly string[];
    }[];
  }[];
}): GalleryRegion[] {
  const type = (wanted: string) =>
    resourceTypes.find(({ resourceType }) => resourceType?.toLowerCase() === wanted);
  const zoned = (type('disks')?.zoneMappings ?? [])
    .filter(({ zones = [] }) => zones.length > 0)
    .map(({ location = '' }) => normaliseRegion(location));
  return (type('galleries')?.locations ?? [])
    .map(normaliseRegion)
    .map((name) => ({ name, zones: zoned.includes(name) }));
}

/** A lock's ID ends in its own type and name; what is before is what it locks. */
export function lockFacts({
  id = '',
  properties: { level = 'CanNotDelete' } = {},
}: {
  readonly id?: string;
  readonly properties?: { readonly level?: string };
}): Lock {
  const end = id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/');
  return { name: nameOf(id), level, scope: id.slice(0, end) };
}

/**
 * The policies that deny the content as it is. None where another policy changes its tags first
 * (`modify`, `append`): that can make the content fit, and nothing documents whether the answer
 * considers it.
 */
export function denialsIn(answer: unknown): Omit<Denial, 'doing'>[] {
  const { fieldRestrictions, contentEvaluationResult: content } = membersOf(answer);
  const restrictions = recordsIn(fieldRestrictions).flatMap((each) => recordsIn(each.restrictions));
  if (restrictions.some(({ policyEffect }) => /^(modify|append)$/i.test(String(policyEffect))))
    return [];
  return recordsIn(membersOf(content).policyEvaluations)
    .filter(
      ({ evaluationResult, effectDetails }) =>
        /^noncompliant$/i.test(String(evaluationResult)) &&
        /^deny$/i.test(String(membersOf(effectDetails).policyEffect)),
    )
    .slice(0, MOST_TOLD)
    .map(({ policyInfo, evaluationDetails }) => ({
      policy: textIn(policyInfo, 'policyDefinitionId'),
      assignment: textIn(policyInfo, 'policyAssignmentId'),
      fields: fieldsIn(evaluationDetails),
    }));
}

/** What the policy looks at, but for the type. */
function fieldsIn(details: unknown): string[] {
  const names = recordsIn(membersOf(details).evaluatedExpressions)
    .filter(({ expressionKind }) => /^field$/i.test(String(expressionKind)))
    .map((each) => textIn(each, 'expression'))
    .filter((name) => name && name.toLowerCase() !== 'type');
  return [...new Set(names)].slice(0, MOST_TOLD);
}

function textIn(found: unknown, name: string): string {
  const value = membersOf(found)[name];
  return typeof value === 'string' ? value : '';
}
