/**
 * Where nobody could find out how Azure behaves, the local Azure offers
 * both ways. The first one named is the default: where it matters, what a careless client trips on.
 */
export interface Unknowns {
  /** Whether a generalized VM takes a PATCH of tags or delete options. */
  readonly patchOfGeneralizedVm: 'refused' | 'accepted';
  /** Whether `tags` in a PATCH take the place of all tags or are merged into them. */
  readonly patchOfTags: 'replace' | 'merge';
  /** Whether a generalized VM that is deallocated already takes another deallocate. */
  readonly deallocateOfGeneralizedVm: 'refused' | 'accepted';
  /** Whether an update of a version that is being created or updated is refused or queued. */
  readonly updateOfBusyVersion: 'refused' | 'queued';
  /**
   * Whether a region that failed counts as replicated, so that it may only be dropped where the
   * safety profile allows deletion; azure-cli#15539 is older than safety profiles.
   */
  readonly removalOfFailedRegion: 'refused' | 'accepted';
  /** Whether a definition must be in the same region as its versions. */
  readonly definitionRegion: 'any' | 'same as version';
  /** Whether a snapshot that denies all network access can be a version's source. */
  readonly denyAllSnapshotAsSource: 'refused' | 'accepted';
  /** Whether disks with guest state (VMGS) fit a definition of `TrustedLaunchSupported`. */
  readonly guestStateForTrustedLaunchSupported: 'refused' | 'accepted';
  /** When a source's OS state turns out to be another than the definition's. */
  readonly osStateMismatch: 'when the operation ends' | 'at once';
  /** When a deletion that an end of life forbids is refused. */
  readonly deletionBeforeEndOfLife: 'at once' | 'when the operation ends';
  /** What an interface is called that a VM's network profile describes: scale sets add a suffix. */
  readonly nameOfMadeInterface: 'with a suffix' | 'as given';
  /** What a VM is answered whose version is there, but not complete in the VM's region. */
  readonly vmOfUnfinishedVersion: 'not found' | 'conflict';
  /** Whether a region may still be replicating when the operation has succeeded. */
  readonly regionsAfterSuccess: 'may lag' | 'never lag';
  /** Whether the interface of a deleted VM is reserved from a new VM of the same name too. */
  readonly nicOfDeletedVm: 'reserved' | 'free';
  /**
   * Whether boot diagnostics still have the serial log of a VM that was deallocated. Documented is only
   * that logs are overwritten from 1 GB on (boot-diagnostics.md), and that Azure deletes nothing from an
   * account of one's own (azserialconsole#94).
   */
  readonly serialLogOfDeallocatedVm: 'kept' | 'gone';
  /**
   * Whether a read right after a write can show the state before it: ARM's regions copy from each other
   * (terraform-provider-azurerm#25758). How often that happens, and for how long, is not published.
   */
  readonly readsAfterWrite: 'may be stale' | 'never stale';
}

export const DEFAULT_UNKNOWNS: Unknowns = {
  patchOfGeneralizedVm: 'refused',
  patchOfTags: 'replace',
  deallocateOfGeneralizedVm: 'refused',
  updateOfBusyVersion: 'refused',
  removalOfFailedRegion: 'refused',
  definitionRegion: 'any',
  denyAllSnapshotAsSource: 'refused',
  guestStateForTrustedLaunchSupported: 'refused',
  osStateMismatch: 'when the operation ends',
  deletionBeforeEndOfLife: 'at once',
  nameOfMadeInterface: 'with a suffix',
  vmOfUnfinishedVersion: 'not found',
  regionsAfterSuccess: 'may lag',
  nicOfDeletedVm: 'reserved',
  serialLogOfDeallocatedVm: 'kept',
  readsAfterWrite: 'may be stale',
};

/** All of it the other way round: a client has to get along with both. */
export const OTHER_WAY: Unknowns = {
  patchOfGeneralizedVm: 'accepted',
  patchOfTags: 'merge',
  deallocateOfGeneralizedVm: 'accepted',
  updateOfBusyVersion: 'queued',
  removalOfFailedRegion: 'accepted',
  definitionRegion: 'same as version',
  denyAllSnapshotAsSource: 'accepted',
  guestStateForTrustedLaunchSupported: 'accepted',
  osStateMismatch: 'at once',
  deletionBeforeEndOfLife: 'when the operation ends',
  nameOfMadeInterface: 'as given',
  vmOfUnfinishedVersion: 'conflict',
  regionsAfterSuccess: 'never lag',
  nicOfDeletedVm: 'free',
  serialLogOfDeallocatedVm: 'gone',
  readsAfterWrite: 'never stale',
};

/**
 * A choice as a command line gives it, `name=value`; throws with all that there is to choose from
 * when it is none.
 */
export function parseUnknown(text: string): Partial<Unknowns> {
  const [name = '', value = ''] = text.split('=');
  const known: Readonly<Record<string, string>> = { ...DEFAULT_UNKNOWNS };
  const other: Readonly<Record<string, string>> = { ...OTHER_WAY };
  if (Object.hasOwn(known, name) && [known[name], other[name]].includes(value))
    return { [name]: value };
  const choices = Object.keys(known).map((each) => `  ${each}=${known[each]}|${other[each]}`);
  throw new Error(`--unknown ${text} is none of\n${choices.join('\n')}`);
}
