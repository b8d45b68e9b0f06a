/** What documents and proofs say of grants, and the action itself needs not know. */

import type { Grant } from '../../src/plan/needed-rights.ts';
import type { Scope } from '../../src/plan/rights.ts';

/** What each scope is, as a user reads it. */
export const SCOPES: Readonly<Record<Scope, string>> = {
  build: 'the resource group of the build VM',
  source: 'the gallery that is copied from',
  gallery: 'the gallery',
  keys: 'the disk encryption sets',
  verify: 'the resource group of the throw-away VM',
  network: 'the subnet in `verify-subnet`',
  users: 'the subscriptions in `usage-subscriptions`',
};

/** Whether two grants are the same. */
export const sameGrant = (a: Grant, b: Grant): boolean =>
  a.scope === b.scope && a.action === b.action;

/** Whether a grant changes nothing: all that a dry run needs. */
export const isRead = ({ action }: Grant): boolean => action.endsWith('/read');

/**
 * Reads that only checks ask for: without one, its rules are listed as not checked. The scopes are
 * those that Azure asks for each on.
 */
export const OPTIONAL_READS: readonly { readonly action: string; readonly checks: string }[] = [
  {
    action: 'Microsoft.Authorization/permissions/read',
    checks:
      'which rights are missing, on the VM, its resource group, the image definitions and the disk encryption sets',
  },
  {
    action: 'Microsoft.Authorization/locks/read',
    checks: 'locks on what is to be changed or deleted, on its resource group',
  },
  {
    action: 'Microsoft.Resources/subscriptions/providers/read',
    checks: 'target regions and their storage, on the subscription of the gallery',
  },
  {
    action: 'Microsoft.Compute/galleries/images/read',
    checks:
      'where a version is promoted in its place, the image definition: its end of life, and whether it is for confidential VMs',
  },
  {
    action: 'Microsoft.Compute/locations/vmSizes/read',
    checks: 'the size of the VM against what the definition recommends, on the subscription',
  },
  {
    action: 'Microsoft.Network/virtualNetworks/read',
    checks: 'that the subnet in `verify-subnet` exists, and its region, on its virtual network',
  },
  {
    action: 'Microsoft.Compute/skus/read',
    checks: 'the size of the throw-away VM, on the subscription',
  },
  {
    action: 'Microsoft.Compute/locations/usages/read',
    checks: 'the quota for the throw-away VM, on the subscription',
  },
  {
    action: 'Microsoft.PolicyInsights/checkPolicyRestrictions/read',
    checks:
      'that no policy denies what is to be made, on the resource groups of the VM, of the gallery and of the throw-away VM; only where a role names this action, which Reader does not',
  },
];
