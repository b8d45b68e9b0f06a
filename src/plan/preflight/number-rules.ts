import { LARGEST_PART } from '../../domain/image-version.ts';
import { describeOwner, fitOf } from '../../domain/owner.ts';
import { sameId } from '../../domain/resource-id.ts';
import { chooseNumber } from '../resolve.ts';
import { copyOf } from '../resolve-promote.ts';
import { about, type Rule } from './rule.ts';

const OTHER_SOURCE =
  "Changing property 'galleryImageVersion.properties.storageProfile.source.…' is not allowed.";

/** Rules on the number of a version that is to be made, of whatever. */
export const numberRules: readonly Rule<'capture' | 'promote'>[] = [
  about('namesake', {
    id: 'version-taken',
    severity: 'error',
    when: 'a version of that number exists (at a promotion, one that is no copy of the source)',
    azure: { says: OTHER_SOURCE },
    looksAt: ['versions, their source and tags', '`image-version`'],
    remedy:
      'Give another `image-version`, or `auto` for the next free one. A version is never overwritten.',
    check: (there, { inventory: { source } }) => {
      const { name, provisioningState: state, sourceId, tags } = there;
      const isCopy = source && fitOf(copyOf(source), there) === 'fits';
      if (state === 'Failed' || state === 'Deleting' || isCopy) return undefined;
      const isOlder = source && sameId(sourceId, source.id);
      const of =
        source && ` and is no copy of \`${source.id}\`${isOlder ? ', which is newer' : ''}`;
      return `Image version \`${name}\` exists already (${state})${of ?? ''}; it was made by ${describeOwner(tags)}.`;
    },
  }),
  about('namesake', {
    id: 'version-failed',
    severity: 'error',
    when: 'a failed version of that number is left',
    azure: { says: OTHER_SOURCE },
    looksAt: ['versions', '`image-version`'],
    remedy:
      'Delete the failed version, give another `image-version`, or `auto` for the next free one.',
    check: ({ name, provisioningState, tags }) =>
      provisioningState === 'Failed' &&
      `A failed image version \`${name}\` is left, made by ${describeOwner(tags)}; only the run that made it is allowed to repair it.`,
  }),
  about('namesake', {
    id: 'version-deleting',
    severity: 'error',
    when: 'a version of that number is being deleted',
    azure: {
      says: 'since it is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)',
    },
    looksAt: ['versions', '`image-version`'],
    remedy: 'Run again when it is gone, usually within minutes, or give another `image-version`.',
    check: ({ name, provisioningState }) =>
      provisioningState === 'Deleting' &&
      `Image version \`${name}\` is being deleted, and its number is not free until that has ended.`,
  }),
  about('newVersion', {
    id: 'version-soft-deleted',
    severity: 'error',
    when: "the number asked for is in the gallery's recycle bin",
    azure: {
      accepts:
        'Not documented: a request for such a number can bring the deleted version back instead of making one.',
    },
    looksAt: ['gallery `softDeletePolicy`', 'deleted versions', '`image-version`'],
    remedy: 'Give another `image-version`, or `auto`.',
    check: ({ version, inventory }) =>
      version !== undefined &&
      inventory.softDeleted.includes(version) &&
      `Image version \`${version}\` was deleted, but the gallery keeps it in its recycle bin (soft delete), and its number is not free while it is there.`,
  }),
  about('newVersion', {
    id: 'version-exhausted',
    severity: 'error',
    when: 'the next number would not fit into 32 bits',
    azure: {
      says: 'The image version name is invalid. The image version name should follow Major(int).Minor(int).Patch(int) format',
    },
    looksAt: ['versions', 'deleted versions', '`image-version`'],
    remedy: 'Count up another part (`minor` or `major`), or give a number.',
    check: (_, { request, inventory }) =>
      (request.operation === 'capture' ? inventory.definition : inventory.source) &&
      request.version &&
      chooseNumber({ version: request.version }, inventory) === undefined &&
      `There is no next version number: a part of the highest one is ${LARGEST_PART}, the largest Azure takes.`,
  }),
];
