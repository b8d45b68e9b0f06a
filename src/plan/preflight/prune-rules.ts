import { asked } from '../../domain/closest.ts';
import { nameOf, parentId } from '../../domain/resource-id.ts';
import { number } from '../../domain/words.ts';
import type { Rules } from './rule.ts';

export const pruneRules: Rules<'prune'> = {
  'prune-definition-missing': {
    severity: 'error',
    when: 'the image definition does not exist, or the identity lacks permission to read it',
    azure: { accepts: 'Azure lists no versions of a definition that it does not have.' },
    looksAt: ['gallery', 'definition'],
    remedy:
      'Check `gallery`, `image-definition`, `gallery-resource-group` and `gallery-subscription-id`, and that the identity has `Microsoft.Compute/galleries/images/read` there.',
    check: ({ request: { definition }, inventory }) =>
      inventory.definition
        ? undefined
        : `The gallery \`${nameOf(parentId(definition))}\` has no image definition \`${nameOf(definition)}\`, or this identity lacks permission to read it.${asked(inventory.nearest?.definition)}`,
  },
  'prune-left-over': {
    severity: 'notice',
    when: 'more versions are to be deleted than `max-deletions` lets one run delete',
    azure: { accepts: 'Azure deletes as many as are asked for, 150 in three minutes.' },
    looksAt: ['versions', '`max-deletions`'],
    remedy: 'The next runs delete them. Raise `max-deletions` to be done sooner.',
    check: ({ pruning, request }) => {
      const left = pruning?.judged.filter(({ reason }) => reason === 'max-deletions').length ?? 0;
      return (
        left > 0 &&
        `${left} more ${number(left, 'version is', 'versions are')} to be deleted; \`max-deletions\` lets this run delete ${request.maxDeletions}.`
      );
    },
  },
};

/** Rules on who may use what is pruned. */
export const usageRules: Rules<'prune'> = {
  'usage-unreadable': {
    severity: 'error',
    when: 'a subscription in `usage-subscriptions` does not exist, or the identity lacks permission to read all of it',
    azure: { accepts: 'Azure deletes a version whoever uses it.' },
    looksAt: ['VMs, scale sets and galleries of each subscription', '`usage-subscriptions`'],
    remedy:
      'Give the identity a role on the subscription that reads VMs, scale sets, their instances and galleries (docs/permissions.md has it ready), or remove the subscription from `usage-subscriptions`.',
    check: ({ pruning }) => {
      const all = pruning?.unreadable ?? [];
      return (
        all.length > 0 &&
        `Users of the image could not be looked for in ${all.map(({ subscription, why }) => `\`${subscription}\` (${why})`).join(', ')}.`
      );
    },
  },
  'usage-not-looked-for': {
    severity: 'notice',
    when: '`usage-subscriptions` is `none`, and versions are to be deleted',
    azure: { accepts: 'Azure deletes a version whoever uses it.' },
    looksAt: ['`usage-subscriptions`', 'the plan'],
    remedy:
      'Name the subscriptions whose VMs and scale sets use the image, so that what is in use stays.',
    check: ({ request, deletions }) =>
      request.usageSubscriptions.length === 0 &&
      deletions.length > 0 &&
      'Nobody looked for users of the image: scale sets that name a deleted version exactly cannot scale out any more.',
  },
};
