import type { Tags } from '../domain/tags.ts';
import type { ThrowAwayVm } from '../domain/throw-away.ts';
import type { VersionOrder } from '../domain/version-order.ts';
import type { Generation } from '../domain/vm.ts';

/* What is to be made in Azure. */

/** A snapshot to be taken. */
export interface SnapshotOrder {
  readonly id: string;
  readonly disk: string;
  readonly location: string;
  /** `rollback`: incremental, and closed to every network. `source`: full, and readable by Azure. */
  readonly purpose: 'rollback' | 'source';
  readonly tags: Tags;
}

/** A managed image to be made of a generalized VM. */
export interface ImageOrder {
  readonly id: string;
  readonly location: string;
  readonly vm: string;
  readonly generation?: Generation;
  readonly tags: Tags;
}

/** A resource that a run makes, but for what gives a VM back. */
export type Creation =
  | { readonly make: 'snapshot'; readonly order: SnapshotOrder }
  | { readonly make: 'image'; readonly order: ImageOrder }
  | { readonly make: 'version'; readonly order: VersionOrder }
  | { readonly make: 'vm'; readonly order: ThrowAwayVm };

/** A script to be run in the guest as a managed run command, a resource below the VM. */
export interface CommandOrder {
  readonly id: string;
  readonly location: string;
  readonly script: string;
  /** Seconds after which Azure ends it. */
  readonly timeoutSeconds: number;
  readonly tags: Tags;
}
