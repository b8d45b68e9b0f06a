/**
 * How a region's replicas are encrypted, in ARM's own field names and shape (azure.md §1, "region
 * `encryption`"): given so by the user, sent so, and kept so when a version is updated.
 */
export interface RegionEncryption {
  readonly osDiskImage?: {
    readonly diskEncryptionSetId?: string;
    readonly securityProfile?: {
      readonly confidentialVMEncryptionType?: ConfidentialEncryption;
      readonly secureVMDiskEncryptionSetId?: string;
    };
  };
  readonly dataDiskImages?: readonly {
    readonly lun: number;
    readonly diskEncryptionSetId?: string;
  }[];
}

export const CONFIDENTIAL_ENCRYPTIONS = [
  'EncryptedVMGuestStateOnlyWithPmk',
  'EncryptedWithPmk',
  'EncryptedWithCmk',
  'NonPersistedTPM',
] as const;
export type ConfidentialEncryption = (typeof CONFIDENTIAL_ENCRYPTIONS)[number];

/** IDs of all disk encryption sets that a region names. */
export function encryptionSetsOf({ osDiskImage, dataDiskImages = [] }: RegionEncryption): string[] {
  const { diskEncryptionSetId, securityProfile } = osDiskImage ?? {};
  const ids = [
    diskEncryptionSetId,
    securityProfile?.secureVMDiskEncryptionSetId,
    ...dataDiskImages.map((disk) => disk.diskEncryptionSetId),
  ];
  return ids.filter((id) => id !== undefined);
}
