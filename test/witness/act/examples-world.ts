/** What users of the examples have before they begin. */
import { parseId } from '../../../local-azure/src/arm-id.ts';
import { DEFAULT_SUBSCRIPTION, defaultWorld } from '../../../local-azure/src/default-world.ts';
import type { Resource } from '../../../local-azure/src/world.ts';
import {
  definition,
  gallery,
  idOf,
  type Place,
  resource,
} from '../../../local-azure/src/world-parts.ts';
import { recordTags } from '../../../src/domain/verification.ts';

const inGroup = (resourceGroup: string): Place => ({
  subscriptionId: DEFAULT_SUBSCRIPTION,
  resourceGroup,
  location: 'westeurope',
});
const BUILDS = inGroup('rg-image-builds');
const IMAGES = inGroup('rg-images');
const TEST = inGroup('rg-test-images');
/** Production is in a subscription of its own. */
export const GALLERY_SUBSCRIPTION = '22222222-3333-4444-5555-666666666666';
const RELEASED = { ...inGroup('rg-released-images'), subscriptionId: GALLERY_SUBSCRIPTION };
const WEB = inGroup('rg-web');
const SERVERS = inGroup('rg-servers');

/** What is upgraded, or restored. */
export const SERVER = idOf(SERVERS, 'Microsoft.Compute/virtualMachines', 'server-1');

/** Where the build VMs are. */
export const SUBNET = idOf(BUILDS, 'Microsoft.Network/virtualNetworks/subnets', 'build', 'default');

/** What versions are rolled out to. */
export const SCALE_SET = {
  group: WEB.resourceGroup,
  name: 'web',
  id: idOf(WEB, 'Microsoft.Compute/virtualMachineScaleSets', 'web'),
};

const VERSIONS = 'Microsoft.Compute/galleries/images/versions';
export const developed = (version: string): string =>
  idOf(IMAGES, VERSIONS, 'golden', 'ubuntu-2404', version);
export const DEVELOPED = developed('1.0.0');
export const inTest = idOf(TEST, VERSIONS, 'test', 'ubuntu-2404', '1.0.0');
export const inProduction = (version: string): string =>
  idOf(RELEASED, VERSIONS, 'production', 'ubuntu-2404', version);
export const DEFINITION = idOf(
  IMAGES,
  'Microsoft.Compute/galleries/images',
  'golden',
  'ubuntu-2404',
);

const LINUX = { osType: 'Linux', osState: 'Generalized', securityType: 'TrustedLaunch' } as const;

/** A running build VM with its disks and its NIC. */
function buildVm(
  name: string,
  like: 'build-linux' | 'build-windows',
  number: number,
  place = BUILDS,
): Resource[] {
  const parts = defaultWorld(place).filter((each) => each.name.startsWith(like));
  const text = JSON.stringify(parts)
    .replaceAll(like, name)
    .replaceAll(/"vmId":"[0-9a-f]{8}/g, `"vmId":"0000000${number}`)
    .replaceAll('"x64"', name.endsWith('arm64') ? '"Arm64"' : '"x64"');
  return JSON.parse(text) as Resource[];
}

const SOURCE = idOf(BUILDS, 'Microsoft.Compute/virtualMachines', 'gone');

/** What an earlier verification left on the version that is to be promoted. */
const RECORD = recordTags(
  { id: DEVELOPED, sourceId: SOURCE, published: new Date('2026-01-01T08:00:00Z') },
  undefined,
  { passed: true, vmSize: 'Standard_D2s_v5', region: 'westeurope' },
);

/** A developed version of so many days. */
export const aged = (number: string, days: number): Resource =>
  version(developed(number), new Date(Date.now() - days * 86_400_000));

/** A version that is complete in West Europe; the higher its minor number, the later it was made. */
function version(id: string, published?: Date): Resource {
  const { subscriptionId = '', resourceGroup = '', names } = parseId(id);
  const place = { subscriptionId, resourceGroup, location: 'westeurope' };
  const minor = Number(names.at(-1)?.split('.')[1]);
  return resource(
    place,
    VERSIONS,
    names,
    {
      provisioningState: 'Succeeded',
      publishingProfile: {
        targetRegions: [
          {
            name: 'West Europe',
            regionalReplicaCount: 1,
            storageAccountType: 'Standard_ZRS',
            excludeFromLatest: false,
          },
        ],
        replicaCount: 1,
        excludeFromLatest: false,
        publishedDate: published?.toISOString() ?? `2026-0${minor + 1}-01T08:00:00.0000000+00:00`,
        storageAccountType: 'Standard_ZRS',
        replicationMode: 'Full',
      },
      storageProfile: {
        source: { id: SOURCE },
        osDiskImage: { sizeInGB: 64, hostCaching: 'ReadWrite', source: {} },
        dataDiskImages: [],
      },
      replicationStatus: {
        aggregatedState: 'Completed',
        summary: [{ region: 'westeurope', state: 'Completed', details: '', progress: 100 }],
      },
    },
    { tags: id === DEVELOPED ? RECORD : {} },
  );
}

/** All of it. */
export const examplesWorld = (): Resource[] => [
  ...defaultWorld(BUILDS).filter(({ type }) => /virtualNetworks/.test(type)),
  ...buildVm('build-linux-x64', 'build-linux', 1),
  ...buildVm('build-linux-arm64', 'build-linux', 2),
  ...buildVm('build-windows', 'build-windows', 3),
  ...buildVm('build-ubuntu', 'build-linux', 4),
  ...buildVm('build-ubuntu-2404', 'build-linux', 5, IMAGES),
  ...buildVm('server-1', 'build-linux', 6, SERVERS),
  gallery(IMAGES, 'golden'),
  definition(IMAGES, 'golden', { ...LINUX, name: 'ubuntu-2404' }),
  definition(IMAGES, 'golden', { ...LINUX, name: 'ubuntu-2404-x64' }),
  arm64(definition(IMAGES, 'golden', { ...LINUX, name: 'ubuntu-2404-arm64' })),
  definition(IMAGES, 'golden', { ...LINUX, osType: 'Windows', name: 'windows-2022' }),
  version(DEVELOPED),
  gallery(TEST, 'test'),
  definition(TEST, 'test', { ...LINUX, name: 'ubuntu-2404' }),
  gallery(RELEASED, 'production'),
  definition(RELEASED, 'production', { ...LINUX, name: 'ubuntu-2404' }),
  version(inProduction('0.1.0')),
  version(inProduction('0.2.0')),
  resource(WEB, 'Microsoft.Compute/virtualMachineScaleSets', [SCALE_SET.name], {
    provisioningState: 'Succeeded',
    upgradePolicy: { mode: 'Rolling' },
    virtualMachineProfile: {
      securityProfile: { securityType: 'TrustedLaunch' },
      storageProfile: { osDisk: { osType: 'Linux', createOption: 'FromImage' } },
    },
  }),
];

function arm64(made: Resource): Resource {
  made.properties.architecture = 'Arm64';
  return made;
}
