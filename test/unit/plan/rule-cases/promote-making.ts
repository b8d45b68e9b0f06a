/** What the cases of the rules of promotions are made of. */
import type { Definition, ImageVersion } from '../../../../src/domain/gallery.ts';
import type { RegionChoice } from '../../../../src/domain/regions.ts';
import type { PromoteRequest } from '../../../../src/domain/request.ts';
import { definition } from '../../worlds.ts';
import { DESTINATION, type PromoteCase } from '../promote-judging.ts';
import { encryption } from './making.ts';

export interface PromoteBoundary {
  readonly breaks: PromoteCase;
  readonly passes: PromoteCase;
}

/** A copy, asked for so, of a version that is so. */
export const copy = (
  asked: Partial<PromoteRequest> = {},
  source: Partial<ImageVersion> = {},
  more: PromoteCase = {},
): PromoteCase => ({ asked: { destination: DESTINATION, ...asked }, source, ...more });

/** A change where the version is. */
export const change = (
  asked: Partial<PromoteRequest>,
  source: Partial<ImageVersion> = {},
  more: PromoteCase = {},
): PromoteCase => ({ asked, source, ...more });

/** A copy from one definition into another. */
export const between = (own: Partial<Definition>, ofSource: Partial<Definition>): PromoteCase =>
  copy(
    {},
    {},
    {
      seen: {
        definition: definition({ id: DESTINATION, ...own }),
        sourceDefinition: definition(ofSource),
      },
    },
  );

export const regions = (...choices: RegionChoice[]) => ({ regions: choices });
export const inBoth = {
  regions: [
    { name: 'westeurope', replicas: 3 },
    { name: 'eastus', replicas: 3 },
  ],
};
export const latest = { excludeFromLatest: false } as const;
export const secret = encryption();
export const keyed = { regions: [{ name: 'westeurope', replicas: 3, encryption: secret }] };
