/** Boundaries of the rules on the throw-away VM. */
import type { Surroundings } from '../../../../src/domain/subscription.ts';
import type { VerifySettings } from '../../../../src/domain/verification.ts';
import { verifyPlanOf } from '../../../../src/plan/resolve-verify.ts';
import { definition, GALLERY_ID, SUBSCRIPTION, versionId } from '../../worlds.ts';
import type { Boundary } from './making.ts';
import type { PromoteBoundary } from './promote-making.ts';

const gallery = (softDelete: boolean) => ({
  gallery: { id: GALLERY_ID, softDelete, provisioningState: 'Succeeded' },
});

const verify: VerifySettings = {
  subnet: `/subscriptions/${SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Network/virtualNetworks/build/subnets/default`,
  group: `/subscriptions/${SUBSCRIPTION}/resourceGroups/images`,
  timeoutSeconds: 1200,
  onFailure: 'keep',
};

const ephemeral = { ephemeral: true, verify } as const;

const { vm: throwAway } = verifyPlanOf({
  settings: verify,
  version: versionId('1.0.0'),
  location: 'westeurope',
  definition: definition(),
  buildVm: undefined,
  tags: {},
});
const size = {
  name: 'Standard_D2s_v5',
  family: 'standardDSv5Family',
  vCPUs: 2,
  architectures: ['x64'],
  generations: ['V1', 'V2'],
  diskControllers: ['SCSI'],
  confidential: false,
  trustedLaunch: true,
};
const quota = (name: string, used: number) => ({ name, shown: name, used, limit: 10 });
const network = (location: string, ...subnets: string[]) => ({
  network: { found: { location, subnets } },
});

/** A VM for which everything is there, but for this. */
const meets = (change: Partial<Surroundings>) => ({
  asked: { verify },
  seen: {
    surroundings: {
      vm: throwAway,
      group: { found: 'images' },
      ...network('westeurope', 'default'),
      size: { found: size },
      quotas: [],
      ...change,
    },
  },
});
const ofState = (osState: 'Generalized' | 'Specialized') => ({
  asked: { verify },
  seen: { definition: definition({ osState }) },
});

/** On the throw-away VM, of any operation; by the rule's id. */
export const throwAwayBoundaries = {
  'verify-specialized': { breaks: ofState('Specialized'), passes: ofState('Generalized') },
  'verify-group-missing': {
    breaks: meets({ group: {} }),
    passes: meets({}),
  },
  'verify-vm-name': { breaks: meets({ foreign: throwAway.id }), passes: meets({}) },
  'verify-subnet-missing': {
    breaks: meets(network('westeurope', 'other')),
    passes: meets(network('westeurope', 'other', 'Default')),
  },
  'verify-subnet-region': {
    breaks: meets(network('northeurope', 'default')),
    passes: meets(network('westeurope', 'default')),
  },
  'verify-size-unavailable': {
    breaks: meets({ size: {} }),
    passes: meets({ size: { found: size } }),
  },
  'verify-size-unfit': {
    breaks: meets({ size: { found: { ...size, generations: ['V1'] } } }),
    passes: meets({ size: { found: { ...size, generations: [] } } }),
  },
  'verify-quota': {
    breaks: meets({ quotas: [quota('cores', 9)] }),
    passes: meets({ quotas: [quota('cores', 8), quota('standardDSv3Family', 9)] }),
  },
} satisfies Readonly<Record<string, Boundary & PromoteBoundary>>;

/** By the rule's id. */
export const verifyBoundaries: Readonly<Record<string, Boundary>> = {
  'ephemeral-soft-delete': {
    breaks: { asked: ephemeral, seen: gallery(true) },
    passes: { asked: ephemeral, seen: gallery(false) },
  },
  ...throwAwayBoundaries,
};

/** A verification of which Azure does not tell this. */
export function withoutFact(name: 'group' | 'network' | 'size' | 'quotas') {
  const { asked, seen } = meets({});
  const { [name]: _, ...surroundings } = seen.surroundings;
  return { asked, seen: { surroundings } };
}
