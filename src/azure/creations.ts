import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type {
  EncryptionImages,
  GalleryImageVersion,
  GalleryImageVersionStorageProfile,
  Image,
  OSProfile,
  Snapshot,
  TargetRegion,
  VirtualMachine,
} from '@azure/arm-compute';
import type { RegionChoice } from '../domain/regions.ts';
import { nameOf } from '../domain/resource-id.ts';
import { isConfidential } from '../domain/security-type.ts';
import type { ThrowAwayVm } from '../domain/throw-away.ts';
import type { Source, VersionOrder } from '../domain/version-order.ts';
import type { Creation, ImageOrder, SnapshotOrder } from '../run/orders.ts';
import type { Write } from './operations.ts';

/** The request that makes a resource. */
export function making(creation: Creation) {
  const { id, tags } = creation.order;
  return { id, tags, effect: 'made', ...requestOf(creation) } as const;
}

function requestOf(creation: Creation): Pick<Write, 'doing' | 'call'> {
  const shown = nameOf(creation.order.id);
  switch (creation.make) {
    case 'snapshot': {
      const body = snapshotBody(creation.order);
      return {
        doing: `take snapshot ${shown}`,
        call: ({ snapshots }, [group, name], options) =>
          snapshots.createOrUpdate(group, name, body, options),
      };
    }
    case 'image': {
      const body = imageBody(creation.order);
      return {
        doing: `make managed image ${shown}`,
        call: ({ images }, [group, name], options) =>
          images.createOrUpdate(group, name, body, options),
      };
    }
    case 'version': {
      const body = versionBody(creation.order);
      return {
        doing: `create image version ${shown}`,
        call: ({ galleryImageVersions }, [group, gallery, definition, name], options) =>
          galleryImageVersions.createOrUpdate(group, gallery, definition, name, body, options),
      };
    }
    case 'vm': {
      const body = throwAwayBody(creation.order);
      return {
        doing: `make VM ${shown} of the image version`,
        call: ({ virtualMachines }, [group, name], options) =>
          virtualMachines.createOrUpdate(group, name, body, options),
      };
    }
  }
}

/**
 * The snapshot as it is sent. One to go back to is incremental, and closed, because it holds the
 * whole disk: DenyAll forbids exporting it, and public access is switched off besides. Nobody
 * knows whether Azure takes such a one as the source of a version, so one to capture from
 * is left at the defaults, as recorded (test_gallery_specialized); it lives minutes. The SKU is left to
 * Azure, which takes ZRS where the region has it.
 */
const snapshotBody = ({ disk, location, tags, purpose }: SnapshotOrder): Snapshot => ({
  location,
  tags: { ...tags },
  creationData: { createOption: 'Copy', sourceResourceId: disk },
  ...(purpose === 'rollback' && {
    incremental: true,
    networkAccessPolicy: 'DenyAll',
    publicNetworkAccess: 'Disabled',
  }),
});

/** A managed image takes all disks of its VM (recorded: test_shared_gallery). */
const imageBody = ({ location, tags, vm, generation }: ImageOrder): Image => ({
  location,
  tags: { ...tags },
  sourceVirtualMachine: { id: vm },
  ...(generation && { hyperVGeneration: generation }),
});

/**
 * The version as it is sent. Everything whose default has changed between API versions is said
 * explicitly: storage, mode, replicas, exclusion, safety profile.
 */
function versionBody(order: VersionOrder): GalleryImageVersion {
  const { storageAccountType } = order;
  return {
    location: order.location,
    tags: { ...order.tags },
    storageProfile: storageProfile(order.source),
    publishingProfile: {
      targetRegions: order.regions.map(regionBody),
      replicaCount: order.replicas,
      excludeFromLatest: order.excludeFromLatest,
      replicationMode: order.replicationMode,
      ...(storageAccountType
        ? { storageAccountType }
        : { storageAccountStrategy: 'PreferStandard_ZRS' }),
      ...(order.endOfLife && { endOfLifeDate: order.endOfLife }),
    },
    safetyProfile: {
      allowDeletionOfReplicatedLocations: false,
      blockDeletionBeforeEndOfLife: false,
    },
  };
}

/** A target region as Azure takes it. */
export const regionBody = (region: RegionChoice): TargetRegion => ({
  name: region.name,
  ...(region.replicas !== undefined && { regionalReplicaCount: region.replicas }),
  ...(region.storageAccountType && { storageAccountType: region.storageAccountType }),
  ...(region.excludeFromLatest !== undefined && { excludeFromLatest: region.excludeFromLatest }),
  ...(region.encryption && { encryption: region.encryption as EncryptionImages }),
});

function storageProfile(source: Source): GalleryImageVersionStorageProfile {
  switch (source.from) {
    case 'vm':
      return { source: { virtualMachineId: source.vm } };
    case 'image':
      return { source: { id: source.image } };
    case 'version':
      return { source: { id: source.version } };
    case 'disks':
      return {
        osDiskImage: {
          source: { id: source.of.find(({ lun }) => lun === undefined)?.snapshot ?? '' },
        },
        dataDiskImages: source.of.flatMap(({ lun, snapshot: id }) =>
          lun === undefined ? [] : [{ lun, source: { id } }],
        ),
      };
  }
}

/** The version of Microsoft.Network's API by which Azure makes the interface; the oldest it takes. */
const NETWORK_API_VERSION = '2020-11-01';
const USER = 'verify';

/**
 * The throw-away VM as it is sent: one request makes its interface and disks too, and their delete
 * options let one DELETE remove all of it (virtual-machines/delete). It has no identity and no public
 * address. A specialized image takes no `osProfile`: it keeps the accounts it has.
 */
function throwAwayBody(order: ThrowAwayVm): VirtualMachine {
  const name = nameOf(order.id);
  const { plan, diskController, subnet, osState, dataDisks = [] } = order;
  return {
    location: order.location,
    tags: { ...order.tags },
    ...(plan && { plan: { ...plan } }),
    hardwareProfile: { vmSize: order.size },
    storageProfile: {
      imageReference: { id: order.version },
      osDisk: {
        name: `${name}-os`,
        createOption: 'FromImage',
        deleteOption: 'Delete',
        ...(isConfidential(order.securityType) && {
          managedDisk: { securityProfile: { securityEncryptionType: 'VMGuestStateOnly' } },
        }),
      },
      dataDisks: dataDisks.map((lun) => ({
        lun,
        createOption: 'FromImage',
        deleteOption: 'Delete',
      })),
      ...(diskController && { diskControllerType: diskController }),
    },
    ...(osState === 'Generalized' && { osProfile: osProfile(order, name) }),
    ...(order.securityType !== 'Standard' && {
      securityProfile: {
        securityType: order.securityType,
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
    }),
    networkProfile: {
      networkApiVersion: NETWORK_API_VERSION,
      networkInterfaceConfigurations: [
        {
          name: `${name}-nic`,
          primary: true,
          deleteOption: 'Delete',
          ipConfigurations: [{ name: 'private', primary: true, subnet: { id: subnet } }],
        },
      ],
    },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
  };
}

/** Nobody ever signs in: the key, or the password, is made here and forgotten. */
const osProfile = ({ osType }: ThrowAwayVm, name: string): OSProfile => ({
  // Windows takes 15 characters.
  computerName: name.slice(0, 15),
  adminUsername: USER,
  ...(osType === 'Windows'
    ? { adminPassword: `${randomBytes(24).toString('base64url')}aA1!` }
    : {
        linuxConfiguration: {
          disablePasswordAuthentication: true,
          ssh: {
            publicKeys: [{ path: `/home/${USER}/.ssh/authorized_keys`, keyData: publicKey() }],
          },
        },
      }),
});

/** An Ed25519 key as OpenSSH writes it (RFC 8709); the private half is dropped at once. */
function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync('ed25519');
  const { x = '' } = key.export({ format: 'jwk' });
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([
    field(Buffer.from('ssh-ed25519')),
    field(Buffer.from(x, 'base64url')),
  ]);
  return `ssh-ed25519 ${blob.toString('base64')} ${USER}`;
}
