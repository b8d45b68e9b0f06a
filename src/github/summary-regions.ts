import {
  DEFAULT_REPLICAS,
  isAmong,
  normaliseRegion,
  regionOf,
  sameRegion,
  type TargetRegion,
} from '../domain/regions.ts';
import { joined } from '../domain/words.ts';
import { regionRows } from './outputs.ts';
import { code, link, markdown, shownText, table } from './plain.ts';
import { aboutOf, isRefused, type RunRecord } from './record.ts';

/** The regions: how far each has come once there is a version, else what a run makes of them. */
export const regionsOf = (record: RunRecord): string =>
  ['definition', 'vm'].includes(aboutOf(record))
    ? ''
    : joined('\n\n', [record.versionKnown ? replication(record) : changes(record), latest(record)]);

function replication(record: RunRecord): string {
  const before = regionChanges(record);
  const rows = regionRows(record).map((row) => {
    const was = before.find(({ name }) => name === row.region)?.before;
    const replicas = String(row.replicas);
    const name = markdown(row.region);
    return [
      `${row.state === 'Failed' ? `**${name}**` : name}${row.region === record.target?.location ? ' (home)' : ''}`,
      stateOf(row),
      was && was.replicas !== row.replicas ? `${was.replicas} → ${replicas}` : replicas,
      row.storageAccountType ?? usualStorage(record, row.region),
    ];
  });
  return rows.length > 0 ? table(['Region', 'State', 'Replicas', 'Storage'], rows) : '';
}

function stateOf({ state, progress, details }: ReturnType<typeof regionRows>[number]): string {
  switch (state) {
    case 'Completed':
      return '✅ Completed';
    case 'Failed':
      return `❌ **Failed**${details ? `: Azure says: ${shownText(details)}` : ''}`;
    case 'Replicating':
      return `⏳ Replicating, ${progress} %`;
    case 'Unknown':
      return details ? `❌ **Missing**: ${shownText(details)}` : '⏳ Not started';
  }
}

/**
 * The regions that the version had or is to have, in the order of the result; `before` and `after`
 * are `undefined` where it is not.
 */
function regionChanges({ target, before, planned }: RunRecord) {
  if (!target) return [];
  const removed = planned.flatMap((step) => (step.do === 'update' ? step.change.remove : []));
  const others = before.filter(({ name }) => !isAmong(name, target.regions));
  return [...target.regions, ...others].map(({ name }) => {
    const was = regionOf(before, name);
    const wanted = regionOf(target.regions, name);
    const goes = removed.some((each) => sameRegion(each, name));
    return {
      name: normaliseRegion(name),
      before: was,
      after: goes ? undefined : { ...(was ?? { name, replicas: DEFAULT_REPLICAS }), ...wanted },
    };
  });
}

/** What a run would make of the regions; a real one that ends without a version makes nothing of them. */
function changes(record: RunRecord): string {
  const { target } = record;
  if (!target || !record.dryRun || isRefused(record)) return '';
  const shown = (region: TargetRegion | undefined) =>
    region
      ? `${region.replicas} × ${region.storageAccountType ?? target.storageAccountType ?? usualStorage(record, region.name)}`
      : '–';
  const rows = regionChanges(record).map(({ name, before, after }) => [
    markdown(name),
    shown(before),
    after ? shown(after) : 'removed',
  ]);
  const open = target.location ? [] : [['the region of the build VM', '–', 'always included']];
  return table(['Region', 'Before', 'After: replicas × storage'], [...rows, ...open]);
}

/** What Azure stores a version as that names no type: zone-redundant where the region has zones. */
function usualStorage({ shown: { zoned } }: RunRecord, region: string): string {
  if (!zoned) return 'Azure’s default';
  return zoned.includes(normaliseRegion(region)) ? 'Standard_ZRS' : 'Standard_LRS';
}

/** What deployments that ask for `latest` get, once both sides of the run are known. */
function latest({ latestBefore = {}, latestAfter }: RunRecord): string {
  if (!latestAfter) return '';
  const names = Object.keys({ ...latestBefore, ...latestAfter });
  const shown = (number: string | null | undefined) => (number ? code(number) : 'none');
  return table(
    ['Region', '<code>latest</code> before', '<code>latest</code> after'],
    names.map((name) => [
      markdown(name),
      shown(latestBefore[name]),
      `${shown(latestAfter[name])}${latestBefore[name] === latestAfter[name] ? '' : ' ⬅'}`,
    ]),
  );
}

const PRICES = 'https://azure.microsoft.com/pricing/details/managed-disks/';

/**
 * What the version stores at most, and where to find the price: Azure bills each replica as a
 * snapshot, by its occupied size (Learn, "Azure Compute Gallery", billing).
 */
export function storageOf(record: RunRecord): string {
  const { sizeGiB } = record.shown;
  const replicas = regionChanges(record).reduce(
    (sum, { after }) => sum + (after?.replicas ?? 0),
    0,
  );
  if (sizeGiB === undefined || replicas === 0) return '';
  return `Storage: ${replicas} × ${sizeGiB} GiB = at most ${replicas * sizeGiB} GiB, billed as snapshots by the used size (${link('prices', PRICES)})`;
}
