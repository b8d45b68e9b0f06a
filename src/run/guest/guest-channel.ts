import type { Vm } from '../../domain/observed.ts';
import type { Heard } from './marks.ts';

/** How the deprovision of a guest is begun and heard of. The VM stays on after the guest's mark. */
export interface Guest {
  /** Has it scheduled in the guest, or found to be so; gives what that printed. */
  schedule(nonce: string): Promise<string>;
  /** All that was heard so far. */
  hear(nonce: string): Promise<Heard>;
  /** Removes what stands in Azure for hearing it, as far as that can be done; never throws. */
  dismiss(nonce: string): Promise<void>;
  /** Whether what was heard is of an earlier start of the machine. */
  isOver(said: Heard, vm: Vm): boolean;
  /** Why a VM that was found stopped counts as deprovisioned, in words; `undefined` when it does not. */
  provenByStopping(nonce: string, vm: Vm): Promise<string | undefined>;
}
