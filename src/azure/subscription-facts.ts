import type { ResourceSku, Usage } from '@azure/arm-compute';
import { membersOf, recordsIn } from '../domain/plain-objects.ts';
import { normaliseRegion } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import type {
  CoreQuota,
  Denial,
  GalleryRegion,
  Lock,
  OfferedSize,
  VirtualNetwork,
} from '../domain/subscription.ts';

/** Fields and policies that are told. */
const MOST_TOLD = 5;

export const networkFacts = ({
  location = '',
  properties = {},
}: {
  readonly location?: string;
  readonly properties?: { readonly subnets?: readonly { readonly name?: string }[] };
}): VirtualNetwork => ({
  location: normaliseRegion(location),
  subnets: (properties.subnets ?? []).map(({ name = '' }) => name),
});

export const quotaFacts = ({ name, currentValue, limit }: Usage): CoreQuota => ({
  name: name?.value ?? '',
  shown: name?.localizedValue ?? name?.value ?? '',
  used: currentValue ?? 0,
  limit: limit ?? -1,
});

/** A size of the list of SKUs; names of capabilities: virtual-machines/generation-2, trusted-launch-faq. */
export function sizeFacts({
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
