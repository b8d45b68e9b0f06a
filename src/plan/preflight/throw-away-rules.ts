import type { Definition } from '../../domain/gallery.ts';
import { nameOf } from '../../domain/resource-id.ts';
import { isConfidential, isTrustedLaunch } from '../../domain/security-type.ts';
import type { OfferedSize, Surroundings } from '../../domain/subscription.ts';
import { about, type Rules } from './rule.ts';

/** Rules on a version that is made to be verified alone. */
export const ephemeralRules: Rules<'capture'> = {
  'ephemeral-soft-delete': {
    severity: 'warning',
    when: 'an ephemeral version is made in a gallery with soft delete',
    azure: { accepts: 'The gallery keeps what is deleted in its recycle bin for days.' },
    looksAt: ['gallery `softDeletePolicy`', '`ephemeral`'],
    remedy: 'Use a gallery without soft delete for the versions of pull requests.',
    check: ({ request, inventory: { gallery } }) =>
      request.ephemeral &&
      gallery?.softDelete &&
      `The gallery \`${nameOf(gallery.id)}\` has soft delete: the ephemeral version stays in its recycle bin, and is billed there, until the retention ends.`,
  },
};

const NOT_FOUND =
  'Resource … referenced by resource … was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.';
const SKUS = 'sizes that the region offers to the subscription';

/** Rules on the throw-away VM and on where it is made. */
export const throwAwayRules: Rules<'capture' | 'promote' | 'verify'> = {
  'verify-specialized': {
    severity: 'warning',
    when: 'a VM is made of a specialized image to verify it',
    azure: {
      accepts:
        'A specialized image keeps host name, accounts and machine identity; Azure makes a second machine with them.',
    },
    looksAt: ['definition `osState`', '`verify`'],
    remedy:
      'Put the throw-away VM into a subnet from which it reaches neither the domain nor the services that know the first machine.',
    check: ({ request, inventory: { definition } }) =>
      request.verify &&
      definition?.osState === 'Specialized' &&
      'The image is specialized: the throw-away VM has the same host name, accounts and machine identity as the build VM.',
  },
  'verify-group-missing': about('throwAwayVm', {
    severity: 'error',
    needs: ['group'],
    when: 'the resource group for the throw-away VM does not exist',
    azure: { says: "Resource group '…' could not be found." },
    looksAt: ['`verify-resource-group`', 'permissions of the identity on that group'],
    remedy: 'Correct `verify-resource-group`, or create the group.',
    check: ({ group }, { request: { verify } }) =>
      group &&
      !group.found &&
      verify &&
      `The resource group \`${nameOf(verify.group)}\`, in which the throw-away VM is to be made, does not exist.`,
  }),
  'verify-vm-name': about('throwAwayVm', {
    severity: 'error',
    when: 'another VM has the name of the throw-away VM',
    azure: {
      accepts: 'A request to make a VM under the name of one that exists changes that one.',
    },
    looksAt: ['VM of the name that follows from the version', 'its `imageReference` and tags'],
    remedy: 'Delete or rename it, or give another group as `verify-resource-group`.',
    check: ({ foreign }) =>
      foreign === undefined
        ? undefined
        : `The name that the throw-away VM is to have, \`${nameOf(foreign)}\`, is that of another VM. It was not made of this image version, or its tags say that it is of another.`,
  }),
  'verify-subnet-missing': about('throwAwayVm', {
    severity: 'error',
    needs: ['network'],
    when: 'the subnet for the throw-away VM does not exist',
    azure: { says: NOT_FOUND },
    looksAt: ['`verify-subnet`', 'its virtual network, and the subnets in it'],
    remedy: 'Correct `verify-subnet`, or create the subnet.',
    check: ({ vm: { subnet }, network }) => {
      const found = network?.found;
      const name = nameOf(subnet).toLowerCase();
      if (!network || found?.subnets.some((each) => each.toLowerCase() === name)) return undefined;
      return found
        ? `The virtual network of \`verify-subnet\` has no subnet \`${nameOf(subnet)}\`. It has: ${found.subnets.join(', ') || 'none'}.`
        : `The virtual network of \`verify-subnet\` does not exist: ${subnet}.`;
    },
  }),
  'verify-subnet-region': about('throwAwayVm', {
    severity: 'error',
    needs: ['network'],
    when: 'the subnet for the throw-away VM is in another region than the home region of the version',
    azure: { says: NOT_FOUND },
    looksAt: ['`verify-subnet`', 'virtual network `location`', 'home region of the version'],
    remedy: 'Give a subnet in the home region as `verify-subnet`.',
    check: ({ vm, network }) => {
      const location = network?.found?.location;
      if (location === undefined || location === vm.location) return undefined;
      return `The subnet in \`verify-subnet\` is in \`${location}\`, but the throw-away VM is made in \`${vm.location}\`, the home region of the version.`;
    },
  }),
  'verify-size-unavailable': about('throwAwayVm', {
    severity: 'error',
    needs: ['sizes'],
    when: 'the region does not offer the size of the throw-away VM to the subscription',
    azure: {
      says: "The requested size for resource '…' is currently not available in location '…'",
    },
    looksAt: ['`verify-vm-size`, or the size of the build VM', SKUS],
    remedy: 'Give another `verify-vm-size`: `az vm list-skus --location …` lists what is offered.',
    check: ({ vm, size }) => {
      if (!size || (size.found && !size.found.restriction)) return undefined;
      const why = size.found?.restriction ? ` (\`${size.found.restriction}\`)` : '';
      return `The subscription cannot have a VM of size \`${vm.size}\` in \`${vm.location}\`${why}.`;
    },
  }),
  'verify-size-unfit': about('throwAwayVm', {
    severity: 'error',
    needs: ['sizes'],
    when: 'the image cannot boot on the size of the throw-away VM (architecture, generation, disk controller, security type)',
    azure: { refuses: 'Each of the four has a message of its own.' },
    looksAt: [
      '`verify-vm-size`, or the size of the build VM',
      SKUS,
      'definition `architecture`, `hyperVGeneration`, `features`',
    ],
    remedy: 'Give a `verify-vm-size` that fits the image definition.',
    check: (around, { inventory: { definition } }) => {
      const found = around.size?.found;
      const misfits = found && definition ? misfitsOf(found, around, definition) : [];
      if (misfits.length === 0) return undefined;
      return `An image of this definition cannot boot on a VM of size \`${around.vm.size}\`: ${misfits.join('; ')}.`;
    },
  }),
  'verify-quota': about('throwAwayVm', {
    severity: 'error',
    needs: ['sizes', 'quotas'],
    when: 'the quota has too few free vCPUs for the throw-away VM (of the family or of the region)',
    azure: {
      says: 'Operation could not be completed as it results in exceeding approved … Cores quota.',
    },
    looksAt: [
      'size of the throw-away VM',
      'vCPUs used and allowed, of its family and of the region',
    ],
    remedy:
      'Give a `verify-vm-size` of a family with free quota, delete VMs that nobody needs, or ask for more quota. A deallocated VM counts, too.',
    check: ({ vm, size, quotas = [] }) => {
      const found = size?.found;
      if (!found) return undefined;
      const full = quotas.filter(
        ({ name, used, limit }) =>
          (name === 'cores' || name.toLowerCase() === found.family.toLowerCase()) &&
          limit >= 0 &&
          used + found.vCPUs > limit,
      );
      const each = full.map(({ shown, used, limit }) => `${shown}: ${used} of ${limit} in use`);
      return (
        full.length > 0 &&
        `A VM of size \`${vm.size}\` needs ${found.vCPUs} vCPUs, and the quota in \`${vm.location}\` has too few left. ${each.join('; ')}.`
      );
    },
  }),
};

/** What of a size the image does not fit; what Azure does not tell of it fits. */
function misfitsOf(size: OfferedSize, { vm }: Surroundings, definition: Definition): string[] {
  const { architecture, generation } = definition;
  const controllers = vm.diskController ? [vm.diskController] : definition.diskControllers;
  const misfit = (what: string, has: readonly string[], wanted: readonly string[]) => {
    const known = new Set(has.map((each) => each.toUpperCase()));
    return known.size === 0 || wanted.some((each) => known.has(each.toUpperCase()))
      ? []
      : [`its ${what} is ${has.join(' or ')}, the image needs ${wanted.join(' or ')}`];
  };
  const cannotBeSafe =
    (isConfidential(vm.securityType) && !size.confidential) ||
    (isTrustedLaunch(vm.securityType) && !size.trustedLaunch);
  return [
    ...misfit('architecture', size.architectures, [architecture]),
    ...misfit('generation', size.generations, [generation]),
    ...misfit('disk controller', size.diskControllers, controllers),
    ...(cannotBeSafe ? [`it does not have the security type \`${vm.securityType}\``] : []),
  ];
}
