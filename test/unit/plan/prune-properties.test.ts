/** That a prune deletes nothing that any reason protects, whatever there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import { goes, judgeVersions } from '../../../src/plan/prune.ts';
import { asked, DAY_MS, DEFINITION, facts, lock, NOW, version } from './prune-judging.ts';

/* Anything at all: few numbers, regions and days, so that reasons meet. */
const region = fc.record(
  {
    name: fc.constantFrom('westeurope', 'uksouth', 'eastus2'),
    replicas: fc.constant(1),
    excludeFromLatest: fc.boolean(),
  },
  { requiredKeys: ['name', 'replicas'] },
);
const anyVersion = fc
  .record({
    name: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3)).map((parts) => parts.join('.')),
    days: fc.nat(200),
    dated: fc.boolean(),
    provisioningState: fc.constantFrom<ImageVersion['provisioningState']>(
      'Succeeded',
      'Succeeded',
      'Failed',
      'Updating',
      'Creating',
      'Deleting',
    ),
    excludeFromLatest: fc.boolean(),
    deletionBlocked: fc.boolean(),
    endOfLife: fc.option(fc.constantFrom(new Date('2025-01-01'), new Date('2027-01-01')), {
      nil: undefined,
    }),
    regions: fc.uniqueArray(region, { maxLength: 3, selector: ({ name }) => name }),
    tags: fc.constantFrom({}, { keep: 'x' }, { 'golden-image-owner': 'a.b' }),
    complete: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ name, days, dated, complete, endOfLife, ...rest }) => {
    const made = version(name, { days, ...rest });
    const replication = made.regions.map((each) => ({
      region: each.name,
      state: complete ? ('Completed' as const) : ('Failed' as const),
      progress: 100,
    }));
    const { published, ...undated } = made;
    return {
      ...(dated ? made : undated),
      ...(published && dated && { published }),
      ...(endOfLife && { endOfLife }),
      ...(complete !== undefined && { replication }),
    } as ImageVersion;
  });

const world = fc
  .uniqueArray(anyVersion, { maxLength: 12, selector: ({ name }) => name })
  .chain((versions) => {
    const one = fc.constantFrom(...versions.map(({ name }) => name), '7.7.7');
    return fc.record({
      versions: fc.constant(versions),
      uses: fc.array(
        fc.record({ by: fc.constant('/vm'), how: fc.constant('vm' as const), version: one }),
        { maxLength: 2 },
      ),
      copies: fc.array(
        fc.tuple(one, fc.boolean()).map(([name, shallow]) =>
          version('5.0.0', {
            sourceId: `${DEFINITION}/versions/${name}`,
            ...(shallow
              ? { replicationMode: 'Shallow' as const }
              : { provisioningState: 'Creating' as const }),
          }),
        ),
        { maxLength: 2 },
      ),
      locks: fc.array(
        one.map((name) => lock(`${DEFINITION}/versions/${name}`)),
        { maxLength: 2 },
      ),
      keepVersions: fc.integer({ min: 1, max: 4 }),
      maxDeletions: fc.integer({ min: 1, max: 5 }),
    });
  });

const numberOf = (name: string) => name.split('.').map(Number);
const isHigher = (a: string, b: string): boolean => {
  const [x, y] = [numberOf(a), numberOf(b)];
  const at = x.findIndex((part, index) => part !== y[index]);
  return at >= 0 && (x[at] ?? 0) > (y[at] ?? 0);
};

/** Said once more, in the plainest way: whether a version is in `latest` of a region by its settings. */
const isIn = (version: ImageVersion, name: string): boolean =>
  version.regions.some(
    (each) => each.name === name && !(each.excludeFromLatest ?? version.excludeFromLatest),
  );

it('a prune deletes nothing that any reason protects, whatever there is', () => {
  fc.assert(
    fc.property(world, ({ versions, uses, copies, locks, keepVersions, maxDeletions }) => {
      const request = { ...asked, keepVersions, maxDeletions };
      const judged = judgeVersions(request, facts({ versions, uses, copies, locks }));
      const gone = judged.filter(goes);
      expect(judged).toHaveLength(versions.length);
      expect(gone.length).toBeLessThanOrEqual(maxDeletions);
      for (const { version: one, reason } of gone) {
        const days = (NOW.getTime() - (one.published?.getTime() ?? NOW.getTime())) / DAY_MS;
        expect(['Succeeded', 'Failed']).toContain(one.provisioningState);
        expect(days).toBeGreaterThan(1);
        if (reason === 'older-than') expect(days).toBeGreaterThanOrEqual(90);
        if (reason === 'failed') {
          expect(days).toBeGreaterThan(7);
          expect(one.replication?.some(({ state }) => state === 'Completed')).toBe(false);
        }
        if (one.provisioningState === 'Failed') expect(one.replication).toBeDefined();
        expect(one.deletionBlocked && !(one.endOfLife && one.endOfLife <= NOW)).toBe(false);
        expect(uses.some((use) => use.version === one.name)).toBe(false);
        expect(copies.some(({ sourceId }) => sourceId === one.id)).toBe(false);
        expect(locks.some(({ scope }) => scope === one.id)).toBe(false);
        expect(one.tags).not.toHaveProperty('keep');
        const higher = versions.filter(({ name }) => isHigher(name, one.name));
        const counted = (each: ImageVersion) =>
          each.provisioningState === 'Succeeded' &&
          !each.name.startsWith('0.0.') &&
          (each.regions.length === 0
            ? !each.excludeFromLatest
            : each.regions.some(({ name }) => isIn(each, name)));
        if (counted(one))
          expect(higher.filter(counted).length).toBeGreaterThanOrEqual(keepVersions);
        for (const { name } of one.provisioningState === 'Succeeded' ? one.regions : [])
          if (isIn(one, name))
            expect(
              higher.some((each) => each.provisioningState === 'Succeeded' && isIn(each, name)),
            ).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
