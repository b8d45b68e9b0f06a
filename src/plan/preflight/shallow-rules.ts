import { onVm } from './capture-context.ts';
import { type Rule, unlessMade } from './rule.ts';

/** Rules on a shallow version, which copies nothing. */
export const shallowRules: readonly Rule<'capture'>[] = [
  unlessMade({
    id: 'shallow-regions',
    severity: 'error',
    when: 'a shallow version is to have another region than the VM’s, or more than one replica',
    azure: {
      refuses:
        'Shallow takes one region only, that of the source (hashicorp/packer-plugin-azure#383).',
    },
    looksAt: ['`replication-mode`', '`target-regions`', '`replica-count`', 'VM `location`'],
    remedy: 'Leave `target-regions` and `replica-count` out, or use `replication-mode: Full`.',
    check: ({ request, regions }) =>
      request.replicationMode === 'Shallow' &&
      (regions.length > 1 || regions.some(({ replicas }) => replicas > 1)) &&
      `A shallow version cannot leave its source: it has one replica, in the region of the VM, and no other.`,
  }),
  onVm({
    id: 'shallow-source',
    severity: 'error',
    when: 'a shallow version would be made of something temporary',
    azure: { accepts: 'Azure makes it, and it breaks when its source is deleted.' },
    looksAt: ['`replication-mode`', '`capture-from`', 'definition feature `SecurityType`'],
    remedy:
      'Use `replication-mode: Full`, or a definition that takes the VM itself with `capture-from: vm`.',
    check: (_, { request, target }) =>
      request.replicationMode === 'Shallow' &&
      !request.ephemeral &&
      target?.source &&
      target.source.from !== 'vm' &&
      'A shallow version copies nothing, so what it is made of may never be deleted; this one would be made of something temporary.',
  }),
];
