/**
 * How a region's replicas are encrypted, in ARM's own field names and shape: given so by
 * the user, sent so, and kept so when a version is updated.
 */
export interface RegionEncryption {
  readonly osDiskImage?: {
    readonly diskEncryptionSetId?: string;
    readonly securityProfile?: {
      readonly confidentialVMEncryptionType?: (typeof CONFIDENTIAL_ENCRYPTIONS)[number];
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

/** The disk encryption set for the OS disk (no LUN) or a data disk. */
export function setFor(
  { osDiskImage, dataDiskImages = [] }: RegionEncryption = {},
  lun: number | undefined,
): string | undefined {
  return lun === undefined
    ? (osDiskImage?.diskEncryptionSetId ??
        osDiskImage?.securityProfile?.secureVMDiskEncryptionSetId)
    : dataDiskImages.find((disk) => disk.lun === lun)?.diskEncryptionSetId;
}

/** LUNs that are named, in their order. */
export const lunsOf = ({ dataDiskImages = [] }: RegionEncryption = {}): number[] =>
  dataDiskImages.map(({ lun }) => lun);

/** How the OS disk of a confidential VM is encrypted. */
export const confidentialIn = ({ osDiskImage }: RegionEncryption = {}) =>
  osDiskImage?.securityProfile?.confidentialVMEncryptionType;

/** Whether both encrypt every disk alike; Azure completes what it was sent (`securityProfile: {}`). */
export function sameEncryption(a: RegionEncryption, b: RegionEncryption = {}): boolean {
  const keys = (encryption: RegionEncryption, lun: number | undefined) =>
    setFor(encryption, lun)?.toLowerCase();
  return (
    confidentialIn(a) === confidentialIn(b) &&
    [undefined, ...lunsOf(a), ...lunsOf(b)].every((lun) => keys(a, lun) === keys(b, lun))
  );
}

/** IDs of all disk encryption sets that a region names. */
export function encryptionSetsOf({
  osDiskImage,
  dataDiskImages = [],
}: RegionEncryption = {}): string[] {
  const { diskEncryptionSetId, securityProfile } = osDiskImage ?? {};
  const ids = [
    diskEncryptionSetId,
    securityProfile?.secureVMDiskEncryptionSetId,
    ...dataDiskImages.map((disk) => disk.diskEncryptionSetId),
  ];
  return ids.filter((id) => id !== undefined);
}
