/** Boundaries of the rules on the version to promote, and on its copy. */
import { recordTags, VERIFICATION_TAG } from '../../../../src/domain/verification.ts';
import { DEFINITION_ID } from '../../worlds.ts';
import { copyVersion, sourceVersion } from '../promote-judging.ts';
import { guarded, plan, supported, westeurope } from './making.ts';
import {
  between,
  change,
  copy,
  inBoth,
  keyed,
  latest,
  type PromoteBoundary,
  regions,
} from './promote-making.ts';

const major = { choose: 'next', part: 'major' } as const;

/** By the rule's id. */
export const copyBoundaries: Readonly<Record<string, PromoteBoundary>> = {
  'source-missing': { breaks: { source: null }, passes: {} },
  'source-no-latest': {
    breaks: { asked: { source: { definition: DEFINITION_ID, version: 'latest' } }, source: null },
    passes: { asked: { source: { definition: DEFINITION_ID, version: 'latest' } } },
  },
  'source-deleting': {
    breaks: { source: { provisioningState: 'Deleting' } },
    passes: { source: { provisioningState: 'Failed' } },
  },
  'source-not-verified': {
    breaks: change({ requireVerified: true }, { tags: { [VERIFICATION_TAG]: 'passed 0 -' } }),
    passes: change(
      { requireVerified: true },
      {
        tags: recordTags(sourceVersion(), undefined, {
          passed: true,
          vmSize: 'Standard_D2s_v5',
          region: 'westeurope',
        }),
      },
    ),
  },
  'source-not-ready': {
    breaks: copy({}, { provisioningState: 'Failed' }),
    passes: copy({}, { provisioningState: 'Updating' }),
  },
  'source-customer-key': {
    breaks: copy({}, keyed),
    passes: copy({}, { regions: [{ name: 'westeurope', replicas: 3, encryption: guarded }] }),
  },
  'source-shallow': {
    breaks: change({ replicas: 2 }, { replicationMode: 'Shallow' }),
    passes: change(
      { ...regions(westeurope), replicas: 1, ...latest, tags: { a: 'b' } },
      { replicationMode: 'Shallow', excludeFromLatest: false },
    ),
  },

  'copy-gallery-missing': {
    breaks: copy({}, {}, { seen: { gallery: undefined, definition: undefined } }),
    passes: copy(),
  },
  'copy-definition-missing': {
    breaks: copy({}, {}, { seen: { definition: undefined } }),
    passes: copy(),
  },
  'copy-definition-differs': {
    breaks: between({ generation: 'V1' }, { generation: 'V2' }),
    passes: between({ generation: 'V1', location: 'eastus' }, { generation: 'V1' }),
  },
  'copy-security-type': {
    breaks: between(supported, { securityType: 'TrustedLaunch' }),
    passes: between(supported, { securityType: 'Standard' }),
  },
  'copy-plan': {
    breaks: between({}, { plan }),
    passes: between({ plan: { ...plan, name: 'N' } }, { plan }),
  },
  'copy-features': {
    breaks: between({ diskControllers: ['SCSI', 'NVMe'] }, { diskControllers: ['SCSI'] }),
    passes: between(
      { diskControllers: ['scsi'], acceleratedNetwork: true },
      { diskControllers: ['SCSI', 'NVMe'], acceleratedNetwork: true, hibernation: true },
    ),
  },
  'gallery-state': {
    breaks: between({ provisioningState: 'Failed' }, {}),
    passes: between({}, { provisioningState: 'Failed' }),
  },
  'copy-home-region': {
    breaks: copy(regions({ name: 'eastus' })),
    passes: copy(regions({ name: 'eastus' }), inBoth),
  },
  'version-taken': {
    breaks: copy({}, {}, { versions: [copyVersion('1.0.0')] }),
    passes: copy({}, {}, { versions: [copyVersion('1.0.0', { sourceId: sourceVersion().id })] }),
  },
  'version-failed': {
    breaks: copy(
      {},
      {},
      { versions: [copyVersion('1.0.0', { sourceId: sourceVersion().id }, 'Failed')] },
    ),
    passes: copy({ version: major }, {}, { versions: [copyVersion('1.0.0', {}, 'Failed')] }),
  },
  'version-deleting': {
    breaks: copy(
      {},
      {},
      { versions: [copyVersion('1.0.0', { sourceId: sourceVersion().id }, 'Deleting')] },
    ),
    passes: copy({ version: major }, {}, { versions: [copyVersion('1.0.0', {}, 'Deleting')] }),
  },
  'version-soft-deleted': {
    breaks: copy({}, {}, { seen: { softDeleted: ['1.0.0'] } }),
    passes: copy({}, {}, { seen: { softDeleted: ['1.0.1'] } }),
  },
  'version-exhausted': {
    breaks: copy({ version: major }, {}, { versions: [copyVersion('2147483647.0.0')] }),
    passes: copy({ version: major }, {}, { versions: [copyVersion('2147483646.0.0')] }),
  },
};
