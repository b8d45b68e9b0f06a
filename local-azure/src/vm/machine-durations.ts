/** How long things take in the machine behind a VM, in emulated seconds. */

/** Seconds a detached job that ends in a shutdown is at work before the shutdown: invented. */
export const DEPROVISION_SECONDS = 20;
/** Seconds from the guest's shutdown to `PowerState/stopped`: invented. */
export const SHUTDOWN_SECONDS = 10;
/**
 * Seconds until what a guest writes on its serial console shows in boot diagnostics: invented, as is
 * the order of size ("can take up to 10 minutes": virtual-machines-common-boot-diagnostics.md).
 */
export const CONSOLE_LAG_SECONDS = 15;
/** Seconds from power-on until the agent reports: recorded VMs took 30 to 60. */
export const AGENT_SECONDS = 40;
/** Seconds from a script's `reboot` until the guest is down: invented. */
export const REBOOT_SECONDS = 5;
/** Seconds from then until the agent of such a VM reports for the first time: invented. */
export const FIRST_AGENT_SECONDS = 12;
