import type { ImageVersion } from '../../domain/gallery.ts';
import type { LatestChange } from '../../domain/latest.ts';
import { isAmong } from '../../domain/regions.ts';
import { nameOf, sameId } from '../../domain/resource-id.ts';
import type { PromoteTarget } from '../../domain/target.ts';
import { names, quoted } from '../../domain/words.ts';
import { forecastLatest } from '../promote.ts';
import { hasWaited } from '../replicated.ts';
import { isAnothers } from '../resolve-promote.ts';
import type { RuleContext } from './context.ts';
import { about, type Rules } from './rule.ts';

/** Rules on what `latest` comes to mean, and on what a promotion does last. */
export const promoteLatestRules: Rules<'promote'> = {
  'latest-none': about('source', {
    severity: 'error',
    when: 'nothing would be `latest` any more in some region, and that is not allowed',
    azure: { accepts: 'Azure takes it; deployments that ask for `latest` then fail there.' },
    looksAt: ['versions `excludeFromLatest`, `targetRegions`', '`allow-no-latest`'],
    remedy: 'Put another version into `latest` first, or set `allow-no-latest: true`.',
    check: (_, context) => {
      const { before, after } = forecastOf(context);
      const losing = Object.keys(after).filter((name) => before[name] && !after[name]);
      return (
        losing.length > 0 &&
        !context.request.allowNoLatest &&
        `Without this version nothing would be \`latest\` in ${quoted(losing)}: deployments that ask for it would fail there.`
      );
    },
  }),
  'latest-lower': about('source', {
    severity: 'warning',
    when: 'the version enters `latest`, but a higher one is there and stays the latest',
    azure: { accepts: 'The highest number that is not excluded is `latest`.' },
    looksAt: ['versions `excludeFromLatest`, `targetRegions`', '`exclude-from-latest`'],
    remedy:
      'To go back to this version, take the higher ones out: `exclude-from-latest: true` on each.',
    check: (_, context) => {
      const { entersLatest, target } = context;
      if (!target || !entersLatest) return undefined;
      const { after } = forecastOf(context);
      const name = nameOf(target.version);
      const higher = target.regions
        .filter((region) => !region.excludeFromLatest)
        .flatMap((region) => {
          const latest = after[region.name];
          return latest && latest !== name ? [`\`${latest}\` in \`${region.name}\``] : [];
        });
      return (
        higher.length > 0 &&
        `Image version \`${name}\` enters \`latest\`, but deployments still get a higher one: ${higher.join(', ')}.`
      );
    },
  }),
  'latest-region-excluded': about('source', {
    severity: 'notice',
    when: 'the version enters `latest`, but not in regions that are excluded by themselves',
    azure: { accepts: 'A region’s own exclusion takes precedence over the version’s.' },
    looksAt: ['version `targetRegions[].excludeFromLatest`', '`exclude-from-latest`'],
    remedy: 'List these regions in `target-regions` to put the version into `latest` there too.',
    check: (_, { target }) => {
      const stays = (target?.regions ?? []).filter(({ excludeFromLatest }) => excludeFromLatest);
      return (
        target?.goal.excludeFromLatest === false &&
        stays.length > 0 &&
        `In ${names(stays)} the version stays out of \`latest\`: a region's own exclusion takes precedence over the version's.`
      );
    },
  }),
  'last-waits': about('source', {
    severity: 'warning',
    when: 'what comes last is asked for, and the run does not wait for every region',
    azure: { accepts: 'Azure would do it before every region has the version.' },
    looksAt: [
      'version `replicationStatus`',
      '`exclude-from-latest`',
      '`region-changes`',
      '`wait-for`',
    ],
    remedy: 'Use `wait-for: replicated`, or run the job again once every region is complete.',
    check: (source, { request, target }) => {
      if (!target || request.waitFor === 'replicated') return undefined;
      const last = lastOf(target, source);
      return (
        last.length > 0 &&
        `This comes last, once every region is complete: ${last.join(', ')}. With \`wait-for: ${request.waitFor}\` it is not done, unless every region is complete already.`
      );
    },
  }),
};

/** What of a promotion waits until every region is complete; nothing where that is known to be so. */
function lastOf({ order, goal, location }: PromoteTarget, source: ImageVersion): string[] {
  const adds = goal.regions.some(({ name }) => !isAmong(name, source.regions));
  if (!order && !adds && hasWaited('replicated', location, source)) return [];
  return [
    ...(goal.excludeFromLatest === false ? ['entering `latest`'] : []),
    ...(goal.remove.length > 0 ? [`removing ${goal.remove.join(', ')}`] : []),
    ...(goal.blockDeletionBeforeEndOfLife === undefined ? [] : ['the block of the deletion']),
  ];
}

/** What becomes of `latest`; nothing where the promotion has no version to change or make. */
function forecastOf({ target, inventory: { versions } }: RuleContext<'promote'>): LatestChange {
  const there = versions.find(({ id }) => sameId(id, target?.version));
  return target && !isAnothers(target, there)
    ? forecastLatest(target, versions)
    : { before: {}, after: {} };
}
