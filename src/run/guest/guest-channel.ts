import type { Vm } from '../../domain/observed.ts';
import type { Progress } from './progress.ts';

/** How the deprovision is begun and heard of, by operating system. */
export interface Guest {
  /** Whether it is heard on its serial console, which boot diagnostics record. */
  readonly onSerialConsole: boolean;
  /**
   * Whether it switches the VM off after its mark. If not, it stays on, and stays deprovisioned only
   * as long as it is not restarted.
   */
  readonly switchesOff: boolean;
  /** Has it scheduled in the guest, or found to be so; gives what that printed. */
  schedule(nonce: string): Promise<string>;
  /** All that was heard so far. */
  hear(nonce: string): Promise<Progress>;
  /** Removes what stands in Azure for hearing it, as far as that can be done; never throws. */
  dismiss(nonce: string): Promise<void>;
  /** Whether what was heard is of an earlier start of the machine. Left out where that is not known. */
  isOver?(said: Progress, vm: Vm): boolean;
  /**
   * Why a VM that was found stopped counts as deprovisioned, in words; `undefined` when it does not.
   * Left out where only the guest's own mark counts.
   */
  provenByStopping?(nonce: string, vm: Vm): Promise<string | undefined>;
}
