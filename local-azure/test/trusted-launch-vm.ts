/** What the tests share of a VM with Trusted Launch, made of a version that is not everywhere yet. */
import { type JsonObject, textAt } from '../src/json.ts';
import { asResource, type ResourceInput } from '../src/world.ts';
import { definition } from '../src/world-parts.ts';
import { type Answer, compute, place, version } from './gallery.ts';
import { networkParts, networkProfile } from './image-vm.ts';

/** A version that is complete in West Europe and on its way to North Europe. */
export const versionIn = (name: string, more: JsonObject = {}, image = 'app'): ResourceInput =>
  asResource({
    id: compute(version(name, image)),
    location: 'westeurope',
    properties: {
      provisioningState: 'Creating',
      publishingProfile: {
        excludeFromLatest: true,
        targetRegions: [{ name: 'West Europe' }, { name: 'North Europe' }],
      },
      storageProfile: { osDiskImage: { sizeInGB: 30 } },
      replicationStatus: {
        summary: [
          { region: 'westeurope', state: 'Completed', progress: 100 },
          { region: 'northeurope', state: 'Replicating', progress: 40 },
        ],
      },
      ...more,
    },
  });

/** A definition for Trusted Launch. */
export const image = (name: string, properties: JsonObject = {}): ResourceInput => {
  const parts = { osType: 'Linux', osState: 'Generalized', securityType: 'TrustedLaunch' } as const;
  const made = definition(place, 'golden', { ...parts, name });
  return { ...made, properties: { ...made.properties, ...properties } };
};

/** The version `app/1.0.0`, and the network of a region. */
export const parts = (region = 'westeurope'): ResourceInput[] => [
  image('app'),
  versionIn('1.0.0'),
  ...networkParts(region),
];

/** A body that makes a VM of that version. */
export function body(properties: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return {
    location: 'westeurope',
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      securityProfile: { securityType: 'TrustedLaunch' },
      storageProfile: {
        imageReference: { id: compute(version('1.0.0', 'app')) },
        osDisk: { createOption: 'FromImage', deleteOption: 'Delete' },
      },
      osProfile: { computerName: 'proof', adminUsername: 'prover' },
      networkProfile,
      ...properties,
    },
    ...more,
  };
}

/** What a refusal says. */
export const errorOf = ({ status, body: { error } }: Answer) => ({
  status,
  code: textAt(error, 'code'),
  message: textAt(error, 'message'),
});
