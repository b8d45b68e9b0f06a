import { OPERATIONS } from '../../../domain/request.ts';
import {
  GALLERY,
  IMAGE_DEFINITION,
  type ResourceId,
  VIRTUAL_MACHINE,
} from '../../../domain/resource-id.ts';
import { Problem, parseGroup, parseGuid, parseId, type Rows } from '../row.ts';

/**
 * A resource by its ID, or by a name that is looked up elsewhere. Name rules: resource-name-rules.md
 * and the API specification.
 *
 * @param rule what a name must match, and the words for it, which complete "which no …"
 */
const parseNameOrId =
  (type: string, pattern: RegExp, rule: string) =>
  (text: string): string | ResourceId | Problem => {
    if (text.includes('/')) return parseId(type)(text);
    return pattern.test(text) ? text : new Problem(`which no ${rule}`);
  };

/** What is captured, and where the version goes. */
export const PLACES = {
  'resource-group': {
    operations: OPERATIONS,
    parse: parseGroup,
    about:
      'The resource group of the build VM. For a copy, it is the group of the gallery that is copied from.',
    unless: 'these are given by resource ID',
    example: 'rg-image-builds',
  },
  vm: {
    operations: ['capture', 'restore', 'prune'],
    parse: parseNameOrId(
      VIRTUAL_MACHINE,
      /^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]$|^[A-Za-z0-9]$/,
      'Azure VM can be called: letters, digits, dots, dashes and underscores, 80 at most',
    ),
    about:
      'The build VM, by name or resource ID. For a generalized definition it is deprovisioned, deallocated and generalized, and can never start again. For a specialized one it is only deallocated. For `restore`: the VM that comes back. For `prune`: the VM whose snapshots `snapshot-retention` is about.',
    required: 'for `capture` and `restore`',
    example: 'build-ubuntu',
    give: 'the name or the resource ID of the build VM',
  },
  gallery: {
    operations: ['capture', 'promote', 'prune'],
    parse: parseNameOrId(
      GALLERY,
      /^[A-Za-z0-9](?:[A-Za-z0-9_.]{0,78}[A-Za-z0-9])?$/,
      'gallery can be called: letters, digits, dots and underscores (no dashes), 80 at most',
    ),
    about:
      'The Azure Compute Gallery to create the version in, or to prune, by name or resource ID.',
    unless: '`image-definition` is a resource ID',
    example: 'golden',
    give: 'the name or the resource ID of the gallery, or the resource ID of the definition as `image-definition`',
  },
  'gallery-resource-group': {
    operations: ['capture', 'promote', 'verify', 'prune', 'wait'],
    parse: parseGroup,
    about: 'The resource group of the gallery.',
    otherwise: '`resource-group`',
    example: 'rg-images',
  },
  'gallery-subscription-id': {
    operations: ['capture', 'promote', 'verify', 'prune', 'wait'],
    parse: parseGuid,
    about: 'The subscription of the gallery, a GUID.',
    otherwise: '`subscription-id`',
    example: 'vars.GALLERY_SUBSCRIPTION_ID',
  },
  'image-definition': {
    operations: ['capture', 'promote', 'prune'],
    parse: parseNameOrId(
      IMAGE_DEFINITION,
      /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9])?$/,
      'image definition can be called: letters, digits, dots, dashes and underscores, 80 at most',
    ),
    about:
      'The image definition to create a version of, by name or resource ID. It must exist, and fit the VM or the definition that is copied from: OS type, generation, architecture, security type. A promotion with it is a copy. For `prune`: the definition whose versions are pruned.',
    required: 'for `capture` and `prune`',
    example: 'ubuntu-2404',
    give: 'the name or the resource ID of the image definition',
  },
} satisfies Rows;
