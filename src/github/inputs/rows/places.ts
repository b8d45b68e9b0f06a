import { OPERATIONS } from '../../../domain/request.ts';
import { parseDefinition, parseGallery, parseGroup, parseGuid, parseVm } from '../parse-names.ts';
import type { Rows } from '../row.ts';

const OF_DEFINITIONS = ['capture', 'promote', 'prune'] as const;
const OF_VERSIONS = ['capture', 'promote', 'verify', 'prune', 'wait'] as const;

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
    parse: parseVm,
    about:
      'The build VM, by name or resource ID. For a generalized definition it is deprovisioned, deallocated and generalized, and can never start again. For a specialized one it is only deallocated. For `restore`: the VM that comes back. For `prune`: the VM whose snapshots `snapshot-retention` is about.',
    required: 'for `capture` and `restore`',
    example: 'build-ubuntu',
    give: 'the name or the resource ID of the build VM',
  },
  gallery: {
    operations: OF_DEFINITIONS,
    parse: parseGallery,
    about:
      'The Azure Compute Gallery to create the version in, or to prune, by name or resource ID.',
    unless: '`image-definition` is a resource ID',
    example: 'golden',
    give: 'the name or the resource ID of the gallery, or the resource ID of the definition as `image-definition`',
  },
  'gallery-resource-group': {
    operations: OF_VERSIONS,
    parse: parseGroup,
    about: 'The resource group of the gallery.',
    otherwise: '`resource-group`',
    example: 'rg-images',
  },
  'gallery-subscription-id': {
    operations: OF_VERSIONS,
    parse: parseGuid,
    about: 'The subscription of the gallery, a GUID.',
    otherwise: '`subscription-id`',
    example: 'vars.GALLERY_SUBSCRIPTION_ID',
  },
  'image-definition': {
    operations: OF_DEFINITIONS,
    parse: parseDefinition,
    about:
      'The image definition to create a version of, by name or resource ID. It must exist, and fit the VM or the definition that is copied from: OS type, generation, architecture, security type. A promotion with it is a copy. For `prune`: the definition whose versions are pruned.',
    required: 'for `capture` and `prune`',
    example: 'ubuntu-2404',
    give: 'the name or the resource ID of the image definition',
  },
} satisfies Rows;
