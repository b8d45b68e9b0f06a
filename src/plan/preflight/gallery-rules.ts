import { asked } from '../../domain/closest.ts';
import type { Range } from '../../domain/gallery.ts';
import { definitionOf } from '../../domain/request.ts';
import { nameOf, parentId } from '../../domain/resource-id.ts';
import { quoted } from '../../domain/words.ts';
import { about, type Rule, type Rules } from './rule.ts';

/** Whether what is to hold the version is in order, whatever that is made of. */
export const galleryState: Rule = about('newVersion', {
  severity: 'warning',
  when: 'the provisioning state of the gallery or of the definition is not Succeeded',
  azure: { accepts: 'Whether Azure takes a version there is not documented.' },
  looksAt: ['gallery `provisioningState`', 'definition `provisioningState`'],
  remedy: 'Wait until it has succeeded. If it failed, update it once more to repair it.',
  check: ({ inventory: { gallery, definition } }) => {
    const odd = [gallery, definition].find(
      (parent) => parent && parent.provisioningState !== 'Succeeded',
    );
    return (
      odd &&
      `\`${nameOf(odd.id)}\` has the provisioning state ${odd.provisioningState}, so Azure possibly refuses a version in it.`
    );
  },
});

const NO_PARENT =
  'Can not perform requested operation on nested resource. Parent resource … not found.';

export const galleryMissing: Rule<'capture' | 'promote'> = {
  severity: 'error',
  when: 'the gallery does not exist, or the identity lacks permission to read it',
  azure: { says: NO_PARENT },
  looksAt: ['gallery'],
  remedy:
    'Check `gallery`, `gallery-resource-group` and `gallery-subscription-id`, and that the identity has `Microsoft.Compute/galleries/read` there.',
  check: ({ request, inventory: { gallery, nearest } }) =>
    gallery
      ? undefined
      : `The gallery \`${parentId(definitionOf(request))}\` does not exist, or this identity lacks permission to read it.${asked(nearest?.definition)}`,
};

export const definitionMissing: Rule<'capture' | 'promote'> = {
  severity: 'error',
  when: 'the gallery has no such image definition',
  azure: { says: NO_PARENT },
  looksAt: ['gallery', 'definition'],
  remedy:
    'Check `image-definition`, or create it with `az sig image-definition create`. It is not created here, because its generation and architecture can never be changed.',
  check: ({ request, inventory: { gallery, definition, nearest } }) =>
    definition || !gallery
      ? undefined
      : `The gallery \`${nameOf(gallery.id)}\` has no image definition \`${nameOf(definitionOf(request))}\`.${asked(nearest?.definition)}`,
};

/** Rules on the gallery and the image definition alone, and on what they advise. */
export const galleryRules: Rules<'capture'> = {
  'gallery-missing': galleryMissing,
  'definition-missing': definitionMissing,
  'gallery-state': galleryState,
  'definition-region': about('vmAndDefinition', {
    severity: 'warning',
    when: 'the definition is in another region than the VM',
    azure: {
      accepts:
        'Sources disagree whether a version must be in the region of its definition: one of Packer’s builders asks for it, the others do not.',
    },
    looksAt: ['definition `location`', 'VM `location`'],
    remedy:
      'If Azure refuses, it does so at once. Then create a definition in the region of the VM. Any target regions are possible in both cases.',
    check: ({ vm, definition }) =>
      vm.location === definition.location
        ? undefined
        : `The image definition \`${nameOf(definition.id)}\` is in \`${definition.location}\`, but \`${vm.name}\`, and so the version, in \`${vm.location}\`.`,
  }),
  'definition-recommended': about('vmAndDefinition', {
    severity: 'warning',
    when: 'the VM is smaller or larger than the definition recommends',
    azure: { accepts: 'The recommendation is information for those who create VMs of the image.' },
    looksAt: ['definition `recommended`', 'VM `vmSize`, and what such a size offers'],
    remedy:
      'If the image was built for it, change the recommendation of the definition (`az sig image-definition update`); else build on a size within it.',
    check: ({ vm, definition }, context) => {
      const { vmSize } = context.inventory;
      if (!vmSize) return undefined;
      const { vCPUs, memoryGiB } = definition.recommended;
      const odd = [
        ...outside('vCPUs', vmSize.vCPUs, vCPUs),
        ...outside('GiB of memory', vmSize.memoryGiB, memoryGiB),
      ];
      return (
        odd.length > 0 &&
        `\`${vm.name}\` (\`${vm.size}\`) is not as the image definition \`${nameOf(definition.id)}\` recommends: ${odd.join('; ')}.`
      );
    },
  }),
  'definition-disk-types': about('vm', {
    severity: 'warning',
    when: 'a disk of the VM has a type that the definition disallows',
    azure: { accepts: 'The list is information for those who create VMs of the image.' },
    looksAt: ['definition `disallowed`', 'disk `sku`'],
    remedy:
      'Build and test on a type that the image allows, or take the type from the list of the definition.',
    check: (_, { inventory }) => {
      const bad = inventory.disks.filter(({ sku }) =>
        inventory.definition?.disallowedDiskTypes.includes(sku),
      );
      return (
        bad.length > 0 &&
        `The image definition disallows disks of type ${quoted([...new Set(bad.map(({ sku }) => sku))])}, yet the image would be built on ${quoted(bad.map(({ id }) => nameOf(id)))}.`
      );
    },
  }),
};

/** How a size is outside of a range; nothing where it is within. */
function outside(what: string, value: number, { min, max }: Range = {}): string[] {
  if (value >= (min ?? value) && value <= (max ?? value)) return [];
  const bounds =
    max === undefined
      ? `at least ${min}`
      : min === undefined
        ? `at most ${max}`
        : `${min} to ${max}`;
  return [`${bounds} ${what}, it has ${value}`];
}
