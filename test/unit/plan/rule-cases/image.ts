/** Boundaries of the rules on the gallery, the image definition and the version. */
import { definition, GROUP, NOW, otherRun, target, VM_ID, version, vm } from '../../worlds.ts';
import {
  type Boundary,
  exactly,
  later,
  ofDefinition,
  pair,
  plan,
  sealed,
  supported,
} from './making.ts';

const OWN_TAGS = target().tags;

/** By the rule's id. */
export const imageBoundaries: Readonly<Record<string, Boundary>> = {
  'gallery-missing': {
    breaks: { seen: { gallery: undefined, definition: undefined } },
    passes: {},
  },
  'definition-missing': { breaks: { seen: { definition: undefined } }, passes: {} },
  'gallery-state': {
    breaks: ofDefinition({ provisioningState: 'Failed' }),
    passes: ofDefinition({ provisioningState: 'Succeeded' }),
  },
  'definition-region': {
    breaks: ofDefinition({ location: 'northeurope' }),
    passes: ofDefinition({ location: 'westeurope' }),
  },
  'definition-end-of-life': {
    breaks: ofDefinition({ endOfLife: NOW }),
    passes: ofDefinition({ endOfLife: new Date(+NOW + 1) }),
  },
  'version-outlives-definition': {
    breaks: ofDefinition({ endOfLife: later(30) }, { endOfLife: later(31) }),
    passes: ofDefinition({ endOfLife: later(30) }, { endOfLife: later(30) }),
  },
  'definition-recommended': {
    breaks: {
      seen: {
        vmSize: { vCPUs: 2, memoryGiB: 8 },
        definition: definition({ recommended: { vCPUs: { min: 4 } } }),
      },
    },
    passes: {
      seen: {
        vmSize: { vCPUs: 2, memoryGiB: 8 },
        definition: definition({
          recommended: { vCPUs: { min: 1, max: 2 }, memoryGiB: { min: 8 } },
        }),
      },
    },
  },
  'definition-disk-types': {
    breaks: ofDefinition({ disallowedDiskTypes: ['Premium_LRS'] }),
    passes: ofDefinition({ disallowedDiskTypes: ['Standard_LRS'] }),
  },

  'definition-os-type': {
    breaks: ofDefinition({ osType: 'Windows' }),
    passes: ofDefinition({ osType: 'Linux' }),
  },
  'definition-os-state': {
    breaks: pair(sealed, { osState: 'Specialized' }),
    passes: pair({}, { osState: 'Specialized' }),
  },
  'definition-generation': {
    breaks: pair({}, {}, { generation: 'V1' }),
    passes: pair({ generation: 'V1' }, {}, { generation: 'V2' }),
  },
  'definition-architecture': {
    breaks: ofDefinition({ architecture: 'Arm64' }),
    passes: pair({}, { architecture: 'Arm64' }, { architecture: 'Arm64' }),
  },
  'definition-security-type': {
    breaks: pair({ securityType: 'TrustedLaunch' }, {}),
    passes: pair({ securityType: 'TrustedLaunch' }, { securityType: 'TrustedLaunch' }),
  },
  'definition-disk-controller': {
    breaks: pair({ diskController: 'NVMe' }, { diskControllers: ['SCSI'] }),
    passes: pair({ diskController: 'NVMe' }, { diskControllers: ['SCSI', 'NVMe'] }),
  },
  'definition-accelerated-network': {
    breaks: pair({}, { acceleratedNetwork: true }, { acceleratedNetwork: false }),
    passes: pair({}, { acceleratedNetwork: true }, { acceleratedNetwork: true }),
  },
  'definition-plan': {
    breaks: pair({ plan }, { plan: { ...plan, name: 'other' } }),
    passes: pair({ plan: { ...plan, name: 'N' } }, { plan }),
  },
  'definition-hibernation': {
    breaks: pair({}, { hibernation: true }),
    passes: pair({ hibernation: true }, { hibernation: true }),
  },

  'version-taken': {
    breaks: { asked: exactly, seen: { versions: [version('1.2.3')] } },
    passes: { asked: exactly, seen: { versions: [version('1.2.2')] } },
  },
  'version-failed': {
    breaks: { asked: exactly, seen: { versions: [version('1.2.3', 'Failed')] } },
    passes: { asked: exactly, seen: { versions: [version('1.2.2', 'Failed')] } },
  },
  'version-deleting': {
    breaks: { asked: exactly, seen: { versions: [version('1.2.3', 'Deleting')] } },
    passes: { asked: exactly, seen: { versions: [version('1.2.2', 'Deleting')] } },
  },
  'version-soft-deleted': {
    breaks: { asked: exactly, seen: { softDeleted: ['1.2.3'] } },
    passes: { asked: exactly, seen: { softDeleted: ['1.2.4'] } },
  },
  'version-exhausted': {
    breaks: { seen: { versions: [version('1.0.2147483647')] } },
    passes: { seen: { versions: [version('1.0.2147483646')] } },
  },
  'version-lower': {
    breaks: { asked: exactly, seen: { versions: [version('1.10.0')] } },
    passes: {
      asked: { ...exactly, excludeFromLatest: true },
      seen: { versions: [version('1.10.0')] },
    },
  },
  'version-end-of-life': {
    breaks: { asked: { endOfLife: NOW } },
    passes: { asked: { endOfLife: new Date(+NOW + 1) } },
  },
  'vm-captured-before': {
    breaks: {
      seen: { vm: vm(sealed), versions: [version('1.0.0', 'Succeeded', { tags: otherRun() })] },
    },
    passes: { seen: { versions: [version('1.0.0', 'Succeeded', { tags: otherRun() })] } },
  },
  'version-contradicted': {
    breaks: {
      seen: {
        versions: [
          version('1.0.0', 'Succeeded', { tags: OWN_TAGS, sourceId: `${GROUP}/virtualMachines/x` }),
        ],
      },
    },
    passes: {
      seen: { versions: [version('1.0.0', 'Succeeded', { tags: OWN_TAGS, sourceId: VM_ID })] },
    },
  },
  'names-taken': {
    breaks: { seen: { namesTaken: ['build-linux-os'] } },
    passes: { seen: {} },
  },
  'temporaries-stay': {
    breaks: ofDefinition(supported, { waitFor: 'home' }),
    passes: ofDefinition(supported, { waitFor: 'replicated' }),
  },
  'disks-unsure': {
    breaks: ofDefinition(supported, { captureFrom: 'disks' }),
    passes: ofDefinition({}, { captureFrom: 'disks' }),
  },
};
