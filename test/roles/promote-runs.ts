import { parentId } from '../../local-azure/src/arm-id.ts';
import { capture, definitionId, promote } from '../scenarios/harness.ts';
import { copies, type ProvingRun } from './proving-run.ts';
import {
  addKey,
  addProduction,
  DESTINATION,
  failNextVersion,
  failRegion,
  KEYED_REGION,
  softDelete,
} from './worlds.ts';

/** Promotions, into another definition and where the version is. */
export const PROMOTE_RUNS: readonly ProvingRun[] = [
  {
    name: 'a copy into the gallery of another subscription, and into `latest`',
    rights: ['copy'],
    prepare: (azure) => addProduction(azure),
    ...copies({ excludeFromLatest: false, regions: [{ name: 'westeurope' }, { name: 'eastus2' }] }),
  },
  {
    name: 'a copy of the latest',
    rights: ['copy'],
    prepare: (azure) => addProduction(azure, false),
    run: (azure) =>
      promote(azure, {
        source: { definition: definitionId(azure), version: 'latest' },
        destination: DESTINATION,
      }),
    gallery: parentId(DESTINATION),
  },
  {
    name: 'a repetition after Azure failed the copy',
    rights: ['copy'],
    prepare: async (azure) => {
      await addProduction(azure);
      failNextVersion(azure);
      await promote(azure, { destination: DESTINATION });
    },
    ...copies(),
  },
  {
    name: 'a copy into a gallery with soft delete',
    rights: ['copy', 'bin'],
    prepare: async (azure) => {
      await addProduction(azure);
      softDelete(azure, parentId(DESTINATION));
    },
    ...copies(),
  },
  {
    name: 'more regions and `latest` for a version where it is',
    rights: ['change'],
    prepare: (azure) => addProduction(azure),
    run: (azure) => promote(azure, { excludeFromLatest: false, regions: [{ name: 'eastus2' }] }),
  },
  {
    name: 'tags for a version that has keys of its own',
    rights: ['change', 'keys'],
    prepare: async (azure) => {
      addKey(azure);
      await capture(azure, { request: { regions: [KEYED_REGION] } });
    },
    run: (azure) => promote(azure, { tags: { stage: 'prod' } }),
  },
  {
    name: 'a region taken away and added again, `repair-regions: true`',
    rights: ['change'],
    prepare: failRegion,
    run: (azure) => promote(azure, { repairRegions: true }),
  },
];
