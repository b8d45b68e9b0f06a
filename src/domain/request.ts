import type { RegionChoice, StorageAccountType } from './regions.ts';
import type { Span } from './span.ts';
import type { Tags } from './tags.ts';
import type { VerifySettings } from './verification.ts';
import type { VersionChoice } from './version-number.ts';

export type WaitFor = 'replicated' | 'home' | 'none';

/** What the workflow asks for, checked as far as it can be without Azure. */
export interface CaptureRequest {
  readonly operation: 'capture';
  /** Resource ID of the build VM. */
  readonly vm: string;
  /** Resource ID of the image definition. */
  readonly definition: string;
  readonly version: VersionChoice;
  /** The version input in its plain form: part of what makes a run's work its own. */
  readonly requestedVersion: string;
  readonly regions: readonly RegionChoice[];
  /** Replicas of every region that names none. */
  readonly replicas: number;
  /** Not given: `storageAccountStrategy: PreferStandard_ZRS`. */
  readonly storageAccountType?: StorageAccountType;
  readonly replicationMode: 'Full' | 'Shallow';
  readonly captureFrom: 'auto' | 'vm' | 'disks';
  readonly excludeFromLatest: boolean;
  /** UTC. */
  readonly endOfLife?: Date;
  readonly blockDeletionBeforeEndOfLife: boolean;
  /** The user's own; provenance and owner come on top. */
  readonly tags: Tags;
  readonly snapshot: boolean;
  /** Sets of snapshots of this VM to keep, this run's included; not given: all. */
  readonly snapshotRetention?: number;
  /** Whether regions that fail twice may be removed and added again. */
  readonly repairRegions: boolean;
  readonly afterCapture: 'keep' | 'restore' | 'delete';
  /** What becomes of the disks that a VM leaves that comes back; not given: they stay. */
  readonly oldDisks?: 'delete';
  readonly waitFor: WaitFor;
  /** How the version is verified before it enters `latest`; not given: it is not. */
  readonly verify?: VerifySettings;
  /** The version exists only to be verified, and is deleted after the verdict. */
  readonly ephemeral?: true;
  readonly deprovision: 'auto' | 'always' | 'never';
  /** A shell script for the guest, run before the built-in deprovision. */
  readonly deprovisionScript?: string;
  readonly deprovisionTimeoutSeconds: number;
}

/** A version that exists, as a request names it. */
interface NamedVersion {
  /** Resource ID of the image definition. */
  readonly definition: string;
  /** The version's number, or `latest`. */
  readonly version: string;
}

/** Waiting for a version in flight; reads only. */
export interface WaitRequest extends NamedVersion {
  readonly operation: 'wait';
  readonly waitFor: WaitFor;
}

/**
 * Moving a version on: copying it into another definition, or changing it where it is. What is not
 * given stays as it is, or as the source has it.
 */
export interface PromoteRequest {
  readonly operation: 'promote';
  readonly source: NamedVersion;
  /** Resource ID of the definition to copy into; not given: the version is changed where it is. */
  readonly destination?: string;
  /** Of a copy; not given: the source's number. */
  readonly version?: VersionChoice;
  /** The version input in its plain form. */
  readonly requestedVersion: string;
  readonly regions: readonly RegionChoice[];
  readonly regionChanges: 'add' | 'replace';
  readonly allowRegionRemoval: boolean;
  /** Whether regions that fail twice may be removed and added again. */
  readonly repairRegions: boolean;
  readonly replicas?: number;
  readonly storageAccountType?: StorageAccountType;
  readonly excludeFromLatest?: boolean;
  readonly allowNoLatest: boolean;
  /** UTC. */
  readonly endOfLife?: Date;
  readonly blockDeletionBeforeEndOfLife?: boolean;
  readonly tags: Tags;
  /** How the version is verified first; not given: it is not. */
  readonly verify?: VerifySettings;
  /** Refuse a source that has no record of a passed verification. */
  readonly requireVerified?: true;
  readonly waitFor: WaitFor;
}

/** Resource ID of the definition whose version is made or changed. */
export const definitionOf = (request: CaptureRequest | PromoteRequest): string =>
  request.operation === 'capture'
    ? request.definition
    : (request.destination ?? request.source.definition);

/** Verifying a version that exists, whoever made it. */
export interface VerifyRequest extends NamedVersion {
  readonly operation: 'verify';
  readonly verify: VerifySettings;
}

/** Deleting old versions of a definition, and old snapshots of a build VM. */
export interface PruneRequest {
  readonly operation: 'prune';
  /** Resource ID of the image definition. */
  readonly definition: string;
  /** So many of the newest that may be `latest` stay, whatever their age. */
  readonly keepVersions: number;
  /** Younger versions stay. */
  readonly olderThan: Span;
  /** Subscriptions in which users of the image are looked for, lower case; empty for `none`. */
  readonly usageSubscriptions: readonly string[];
  /** Versions that one run deletes at most. */
  readonly maxDeletions: number;
  /** Tags that keep a version, by their name, or by name and value. */
  readonly keepTags: readonly { readonly name: string; readonly value?: string }[];
  /** Of which VM how many sets of snapshots stay; not given: snapshots are left alone. */
  readonly snapshots?: {
    /** Resource ID; the VM itself may be gone. */
    readonly vm: string;
    readonly keep: number;
  };
}

/** Bringing a VM back as it was when snapshots of its disks were taken. */
export interface RestoreRequest {
  readonly operation: 'restore';
  /** Resource ID of the VM. */
  readonly vm: string;
  /** Resource IDs; empty: the newest complete set. */
  readonly snapshotIds: readonly string[];
  readonly oldDisks: 'keep' | 'delete';
  /** Whether a generalized VM is allowed to be deleted and created again. */
  readonly recreate: boolean;
}

export const OPERATIONS = ['capture', 'promote', 'verify', 'restore', 'prune', 'wait'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What is asked of any of them. */
export type Request =
  | CaptureRequest
  | WaitRequest
  | PromoteRequest
  | VerifyRequest
  | PruneRequest
  | RestoreRequest;
