import { MOST_REPLICAS, sameRegion } from '../../domain/regions.ts';
import { type CaptureRule, unlessMade } from './capture-facts.ts';

/** Azure's advice for production: replicas of a region (azure-compute-gallery.md). */
const ADVISED_REPLICAS = 3;

/** Rules on the regions that the version is to be in, and on what it is replicated to there. */
export const regionRules: readonly CaptureRule[] = [
  {
    id: 'region-unknown',
    severity: 'error',
    needs: ['regions'],
    when: 'a target region does not exist, or is not open to the subscription of the gallery',
    azure: {
      says: "The provided location '…' is not available for resource type 'Microsoft.Compute/galleries'.",
    },
    looksAt: ['`target-regions`', 'regions of the resource provider for galleries'],
    remedy:
      'Check the name with `az account list-locations`. A region with restricted access is opened by a request to Azure support.',
    check: unlessMade(({ regions, survey }) => {
      const known = survey.regions ?? [];
      const odd = regions.filter(({ name }) => !known.some((one) => sameRegion(one.name, name)));
      return odd.length > 0
        ? {
            message: `${names(odd)}: no such region, or not one that the subscription of the gallery may use.`,
          }
        : undefined;
    }),
  },
  {
    id: 'region-twice',
    severity: 'error',
    when: 'a target region is named twice',
    azure: { says: 'Duplicate regions are not allowed in target publishing regions' },
    looksAt: ['`target-regions`'],
    remedy: 'Name each region once in `target-regions`, whatever the spelling.',
    check: unlessMade(({ regions }) => {
      const twice = regions.filter(
        ({ name }, index) => regions.findIndex((one) => sameRegion(one.name, name)) !== index,
      );
      return twice.length > 0 ? { message: `${names(twice)}: named more than once.` } : undefined;
    }),
  },
  {
    id: 'region-zone-redundancy',
    severity: 'error',
    needs: ['regions'],
    when: '`Standard_ZRS` is asked for in a region without availability zones',
    azure: { says: 'ZRS storage account type is not supported in this region.' },
    looksAt: [
      '`storage-account-type`',
      '`target-regions`',
      'regions of the resource provider, with their zones',
    ],
    remedy:
      'Leave `storage-account-type` out: Azure then stores zone-redundant where that is possible. Or give that region `Standard_LRS` in `target-regions`.',
    check: unlessMade(({ request, regions, survey }) => {
      const zoned = (survey.regions ?? []).filter(({ zones }) => zones);
      const known = survey.regions ?? [];
      const odd = regions.filter(
        ({ name, storageAccountType = request.storageAccountType }) =>
          storageAccountType === 'Standard_ZRS' &&
          known.some((one) => sameRegion(one.name, name)) &&
          !zoned.some((one) => sameRegion(one.name, name)),
      );
      return odd.length > 0
        ? {
            message: `${names(odd)}: no availability zones there, so nothing can be stored as Standard_ZRS.`,
          }
        : undefined;
    }),
  },
  {
    id: 'replicas-total',
    severity: 'error',
    when: `the regions have more than ${MOST_REPLICAS} replicas together`,
    azure: {
      refuses: `The limit is ${MOST_REPLICAS} replicas a version (azure-compute-gallery.md).`,
    },
    looksAt: ['`target-regions`', '`replica-count`'],
    remedy: 'Lower `replica-count`, or the numbers in `target-regions`.',
    check: unlessMade(({ regions }) => {
      const total = regions.reduce((sum, { replicas }) => sum + replicas, 0);
      return total <= MOST_REPLICAS
        ? undefined
        : {
            message: `The regions have ${total} replicas together; Azure allows ${MOST_REPLICAS} for a version.`,
          };
    }),
  },
  {
    id: 'shallow-regions',
    severity: 'error',
    when: 'a shallow version is to have another region than the VM’s, or more than one replica',
    azure: {
      refuses:
        'Shallow takes one region only, that of the source (hashicorp/packer-plugin-azure#383).',
    },
    looksAt: ['`replication-mode`', '`target-regions`', '`replica-count`', 'VM `location`'],
    remedy: 'Leave `target-regions` and `replica-count` out, or use `replication-mode: Full`.',
    check: unlessMade(({ request, regions }) =>
      request.replicationMode === 'Shallow' &&
      (regions.length > 1 || regions.some(({ replicas }) => replicas > 1))
        ? {
            message: `A shallow version cannot leave its source: it has one replica, in the region of the VM, and no other.`,
          }
        : undefined,
    ),
  },
  {
    id: 'shallow-source',
    severity: 'error',
    needs: ['vm'],
    when: 'a shallow version would be made of something temporary',
    azure: { accepts: 'Azure makes it, and it breaks when its source is deleted.' },
    looksAt: ['`replication-mode`', '`capture-from`', 'definition feature `SecurityType`'],
    remedy:
      'Use `replication-mode: Full`, or a definition that takes the VM itself with `capture-from: vm`.',
    check: unlessMade(({ request, target }) =>
      request.replicationMode === 'Shallow' && target?.source && target.source.from !== 'vm'
        ? {
            message:
              'A shallow version copies nothing, so what it is made of may never be deleted; this one would be made of something temporary.',
          }
        : undefined,
    ),
  },
  {
    id: 'replicas-for-latest',
    severity: 'notice',
    when: `a region of a version in \`latest\` has fewer than ${ADVISED_REPLICAS} replicas`,
    azure: { accepts: 'Azure throttles when many VMs are created at once from few replicas.' },
    looksAt: ['`target-regions`', '`replica-count`', '`exclude-from-latest`'],
    remedy:
      'For production, Azure advises three replicas or more, and one for every twenty VMs created at once: `replica-count: 3`.',
    check: unlessMade(({ request, regions }) => {
      const few = regions.filter(({ replicas }) => replicas < ADVISED_REPLICAS);
      return request.excludeFromLatest || few.length === 0
        ? undefined
        : {
            message: `Fewer than three replicas in ${names(few)}: many VMs created at once from one replica are throttled.`,
          };
    }),
  },
];

const names = (regions: readonly { readonly name: string }[]): string =>
  regions.map(({ name }) => name).join(', ');
