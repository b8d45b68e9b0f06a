import { DEFAULT_REPLICAS } from '../../../domain/regions.ts';
import { parseRegions } from '../parse-regions.ts';
import { FLAG, parseChoice, parseReplicaCount, parseStorage, type Rows } from '../row.ts';

/** Where the version goes, how often, and what happens to a region that fails. */
export const REGIONS = {
  'target-regions': {
    operations: ['capture', 'promote'],
    parse: parseRegions,
    indented: true,
    about:
      "The regions to replicate to, one a line, or separated by commas or spaces. Each can have a number of replicas and a storage type: `westeurope`, `westeurope=3`, `westeurope=3=Premium_LRS`. Display names and any case work. The VM's region is always included. It can also be a YAML list of objects with the field names of Azure Resource Manager: `name`, `regionalReplicaCount`, `storageAccountType`, `encryption`, `excludeFromLatest`.",
    otherwise: "only the VM's region, and for a copy the regions of the source",
    example: 'westeurope=3',
  },
  'region-changes': {
    operations: ['promote'],
    parse: parseChoice('add', 'replace'),
    about:
      'What `target-regions` mean for a version that `operation: promote` changes where it is. `add`: they are added to those that exist. `replace`: all other regions are removed, which needs `allow-region-removal`.',
    default: 'add',
    checks: [
      ({ has }) =>
        (has('gallery') || has('image-definition')) &&
        '`region-changes` has no meaning for a copy, which has exactly the regions of `target-regions`, else those of its source. Remove it.',
      ({ has }) =>
        !has('target-regions') &&
        '`region-changes` is given, but no `target-regions`. Give them, or remove it.',
    ],
  },
  'allow-region-removal': {
    operations: ['promote'],
    ...FLAG,
    about:
      'Whether `region-changes: replace` is allowed to remove regions, with every replica there: `true` or `false`.',
    checks: [
      ({ value }) =>
        value('allow-region-removal') === true &&
        value('region-changes') === 'add' &&
        '`allow-region-removal` is true, but only `region-changes: replace` removes regions. Remove one of them.',
    ],
  },
  'repair-regions': {
    operations: ['capture', 'promote'],
    ...FLAG,
    about:
      'What to do about a region that fails twice while others are complete. `true`: it is removed from the version and added again with all its settings, as Azure advises. Until then, no VM can be created of this version in that region. The home region is never removed. `false`: the run fails and says why.',
    checks: [
      ({ value }) =>
        value('repair-regions') === true &&
        value('wait-for') === 'none' &&
        '`repair-regions` is true, but with `wait-for: none` the run ends before a region can fail. Wait, or remove it.',
      ({ value }) =>
        value('repair-regions') === true &&
        value('replication-mode') === 'Shallow' &&
        '`repair-regions` is true, but a version with `replication-mode: Shallow` has only its home region, which is never removed. Remove one of them.',
    ],
  },
  'replica-count': {
    operations: ['capture', 'promote'],
    parse: parseReplicaCount,
    about: 'Replicas in each region that names no number, 1 to 100.',
    example: '3',
    default: String(DEFAULT_REPLICAS),
  },
  'storage-account-type': {
    operations: ['capture', 'promote'],
    parse: parseStorage,
    about:
      'Storage of the replicas: `Standard_LRS`, `Standard_ZRS`, `Premium_LRS` or `PremiumV2_LRS`. It can never be changed.',
    otherwise: '`Standard_ZRS` if the region supports it, else `Standard_LRS`',
  },
  'replication-mode': {
    operations: ['capture'],
    parse: parseChoice('Full', 'Shallow'),
    about:
      "`Full`, or `Shallow` for tests. A shallow version is fast to create, exists only in the VM's region, and works only as long as the VM is kept. It can never be changed.",
    default: 'Full',
  },
} satisfies Rows;
