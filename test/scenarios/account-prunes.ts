/** The endings that a prune can have. */
import { parentId } from '../../local-azure/src/arm-id.ts';
import { cancelled } from '../../src/action.ts';
import { definitionId, localAzure, prune, type Run } from './harness.ts';
import { type Aged, putUser, putVersions, versionId } from './prune-worlds.ts';

const VERSIONS: readonly Aged[] = [
  {
    number: '0.0.1763800000',
    days: 3,
    excluded: true,
    mode: 'Shallow',
    tags: { 'golden-image-owner': 'a.b' },
  },
  { number: '1.0.0', days: 400 },
  { number: '1.1.0', days: 300 },
  { number: '1.2.0', days: 200, tags: { keep: 'audit' } },
  { number: '1.3.0', days: 150, excluded: true },
  { number: '1.4.0', days: 100, state: 'Failed' },
  { number: '2.0.0', days: 20 },
  { number: '2.1.0', days: 1 },
];

/** A definition with all sorts of versions, one of which a scale set uses. */
function world() {
  const azure = localAzure();
  putVersions(azure, ...VERSIONS);
  putUser(azure, definitionId(azure).replace(/galleries.*/, 'virtualMachineScaleSets/web'), {
    id: versionId(azure, '1.1.0'),
  });
  return azure;
}

const KEEP = { keepVersions: 2, keepTags: [{ name: 'keep' }] };

export const prunes: Readonly<Record<string, () => Promise<Run>>> = {
  prune: () => prune(world(), KEEP),
  'prune-dry-run': () => prune(world(), { ...KEEP, maxDeletions: 2 }, { dryRun: true }),
  'prune-nothing-to-do': () => {
    const azure = localAzure();
    putVersions(azure, ...VERSIONS.slice(-2));
    return prune(azure, KEEP);
  },
  'prune-without-users': () => prune(world(), { ...KEEP, usageSubscriptions: [] }),
  'prune-unreadable': () =>
    prune(world(), { ...KEEP, usageSubscriptions: ['99999999-2222-4333-8444-555555555555'] }),
  'prune-definition-missing': () => {
    const azure = localAzure();
    return prune(azure, { definition: definitionId(azure, 'ubuntu-2405') });
  },
  'prune-soft-delete': () => {
    const azure = world();
    const gallery = azure.world.get(parentId(definitionId(azure)));
    if (gallery)
      gallery.properties.softDeletePolicy = {
        isSoftDeleteEnabled: true,
        retentionPeriodInDays: 14,
        gracePeriodInDays: 7,
      };
    return prune(azure, KEEP);
  },
  'prune-refused-by-azure': () => {
    const azure = world();
    const error = { code: 'RequestDisallowedByPolicy', message: 'Nothing is deleted on Sundays.' };
    azure.faults.add({
      match: { method: 'DELETE', path: '**/versions/1.0.0' },
      fate: { status: 403, body: { error } },
    });
    return prune(azure, KEEP);
  },
  'prune-cancelled': () => {
    const end = new AbortController();
    setTimeout(() => end.abort(cancelled()), 30_000);
    return prune(world(), KEEP, { signal: end.signal });
  },
};
