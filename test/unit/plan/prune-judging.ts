/** What the tests of a prune judge: a definition, its versions, and what a prune asks for. */
import type { ImageVersion } from '../../../src/domain/gallery.ts';
import type { PruneRequest } from '../../../src/domain/request.ts';
import type { PruneFacts } from '../../../src/plan/prune.ts';

/** When the prune looks. */
export const NOW = new Date('2026-11-22T09:00:00Z');
export const DAY_MS = 24 * 3600 * 1000;
/** The ID of the image definition that is pruned. */
export const DEFINITION =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/ubuntu';

/** A prune of what is older than 90 days, which keeps one version and what is tagged. */
export const asked: PruneRequest = {
  operation: 'prune',
  definition: DEFINITION,
  keepVersions: 1,
  olderThan: { amount: 90, unit: 'd' },
  usageSubscriptions: [],
  maxDeletions: 50,
  keepTags: [{ name: 'keep' }, { name: 'stage', value: 'prod' }],
};

/** What differs in a version; `days` is its age. */
export type Change = Partial<ImageVersion> & { readonly days?: number };

/** A version of 400 days, complete in one region, that nothing protects beside a newer one. */
export function version(name: string, { days = 400, ...change }: Change = {}): ImageVersion {
  return {
    id: `${DEFINITION}/versions/${name}`,
    name,
    location: 'westeurope',
    provisioningState: 'Succeeded',
    excludeFromLatest: false,
    deletionBlocked: false,
    regions: [{ name: 'westeurope', replicas: 1 }],
    removed: [],
    tags: {},
    published: new Date(NOW.getTime() - days * DAY_MS),
    ...change,
  };
}

/** The version that is `latest`, of yesterday. */
export const newest = version('9.0.0', { days: 1 });
/** What is known when nothing else is there. */
export const facts = (change: Partial<PruneFacts> = {}): PruneFacts => ({
  now: NOW,
  versions: [],
  uses: [],
  copies: [],
  locks: [],
  ...change,
});

/** A lock on `scope` and what is below it. */
export const lock = (scope: string) => ({ name: 'stay', level: 'CanNotDelete', scope });
