/** What the cases of the rules are made of. */
import type { Definition } from '../../../../src/domain/gallery.ts';
import type { RegionChoice } from '../../../../src/domain/regions.ts';
import type { CaptureRequest } from '../../../../src/domain/request.ts';
import type { AttachedDisk, Disk, Snapshot, Vm } from '../../../../src/domain/vm.ts';
import { DEFINITION_ID, definition, GROUP, NOW, osDisk, SUBSCRIPTION, vm } from '../../worlds.ts';
import type { Case } from '../judging.ts';

export interface Boundary {
  readonly breaks: Case;
  readonly passes: Case;
}

export const on = (machine: Partial<Vm>, asked: Partial<CaptureRequest> = {}): Case => ({
  asked,
  seen: { vm: vm(machine) },
});
export const pair = (
  machine: Partial<Vm>,
  wanted: Partial<Definition>,
  disk: Partial<Disk> = {},
): Case => ({
  seen: { vm: vm(machine), definition: definition(wanted), disks: [osDisk(disk)] },
});
export const ofDefinition = (
  wanted: Partial<Definition>,
  asked: Partial<CaptureRequest> = {},
): Case => ({
  asked,
  seen: { definition: definition(wanted) },
});
export const regions = (...choices: RegionChoice[]): Case => ({ asked: { regions: choices } });

export const off = { power: 'deallocated' } as const;
export const sealed = { ...off, generalized: true } as const;
export const tags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, '']));
export const exactly = {
  version: { choose: 'exactly', number: { major: 1, minor: 2, patch: 3 } },
  requestedVersion: '1.2.3',
} as const;
export const later = (days: number) => new Date(+NOW + days * 86_400_000);

/** The VM with these data disks, and what the disks themselves say. */
export function withDisks(
  disks: readonly (AttachedDisk & Partial<Disk>)[],
  os: Partial<Disk> = {},
): Case {
  return {
    seen: {
      vm: vm({
        dataDisks: disks.map(({ id, name, lun, ephemeral }) => ({
          name,
          ephemeral,
          ...(id && { id }),
          ...(lun !== undefined && { lun }),
        })),
      }),
      disks: [
        osDisk(os),
        ...disks.map(({ lun: _, name: __, ephemeral: ___, ...facts }) => osDisk(facts)),
      ],
    },
  };
}

export const snapshots = (count: number, secondsAgo: number): Snapshot[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${GROUP}/snapshots/s${index}`,
    published: new Date(+NOW - secondsAgo * 1000),
    sourceId: osDisk().id,
    incremental: true,
    tags: {},
  }));
export const snapshotted = (listed: Snapshot[]): Case => ({
  asked: { snapshot: true, snapshotRetention: 3 },
  seen: { snapshotsBeside: listed },
});

export const SET = `${GROUP}/diskEncryptionSets/keys`;
export const encryption = (id = SET) => ({ osDiskImage: { diskEncryptionSetId: id } });
export const sets = (location = 'westeurope') => [{ id: SET, location }];
export const keyed = [osDisk({ encryptionSet: SET })];
export const elsewhere = '22222222-2222-2222-2222-222222222222';
export const away = DEFINITION_ID.replace(SUBSCRIPTION, elsewhere);
export const westeurope = { name: 'westeurope' };

export const confidential = { securityType: 'ConfidentialVM' } as const;
export const guarded = {
  osDiskImage: {
    securityProfile: { confidentialVMEncryptionType: 'EncryptedWithPmk' as const },
  },
};

export const lock = (scope: string, level = 'CanNotDelete') => ({ name: 'keep', level, scope });

export const plan = { name: 'n', publisher: 'p', product: 'o' };
export const supported = { securityType: 'TrustedLaunchSupported' };
