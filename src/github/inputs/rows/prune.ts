import { parseAge, parseCount, parseKeptTags, parseSubscriptions } from '../parse-prune.ts';
import type { Rows } from '../row.ts';

const OF_PRUNES = ['prune'] as const;

/** What a prune deletes, and what stays. */
export const PRUNE = {
  'keep-versions': {
    operations: OF_PRUNES,
    parse: parseCount,
    about:
      'How many of the newest versions stay, whatever their age, 1 to 1000. Only versions count that succeeded, are not excluded from `latest`, and are not `0.0.N`.',
    default: '3',
  },
  'older-than': {
    operations: OF_PRUNES,
    parse: parseAge,
    about:
      'The age from which a version is deleted, by its published date: `90d`, `12w` or `6mo`. Younger versions stay.',
    required: 'for `prune`',
    example: '90d',
    give: 'the age from which a version is deleted, such as `90d`',
  },
  'usage-subscriptions': {
    operations: OF_PRUNES,
    parse: parseSubscriptions,
    about:
      'The subscriptions in which VMs and scale sets are looked for that use the image; what is in use stays. Give IDs with lines, commas or spaces between them, or the word `none`. A subscription that cannot be read is an error.',
    required: 'for `prune`',
    example: 'vars.AZURE_SUBSCRIPTION_ID',
    give: 'the IDs of the subscriptions in which the image is used, or the word `none`',
  },
  'max-deletions': {
    operations: OF_PRUNES,
    parse: parseCount,
    about: 'How many versions one run deletes at most, 1 to 1000.',
    default: '50',
  },
  'keep-tags': {
    operations: OF_PRUNES,
    parse: parseKeptTags,
    about: 'Tags that keep a version, one `name=value` or `name` a line.',
    otherwise: 'none',
    example: 'keep=true',
  },
} satisfies Rows;
