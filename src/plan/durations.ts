/**
 * How long Azure's operations usually take, seconds: medians of recorded operations of 2023 and
 * later, and for the guest's own work what a schedule of 15 s, waagent, cloud-init and a shutdown
 * add up to. They set how often Azure is asked, and fill the plan's `expectedSeconds`; nothing
 * depends on their being met.
 */
export const EXPECTED = {
  snapshot: 1,
  /** A disk of a snapshot. */
  disk: 2,
  start: 10,
  /** Until the guest agent reports after a start; invented. */
  agent: 60,
  /** Tags alone: no operation, `Updating` for a second (recorded since 2021-07-01). */
  tagVm: 1,
  /** A change of its boot diagnostics, its disks or what goes with it, which is an operation. */
  changeVm: 5,
  runCommand: 15,
  /** A managed run command until its script answers: 16 recorded, and the guest's own checks. */
  command: 30,
  /** Until the guest is done: 15 to 60 with little on the disk. */
  deprovision: 40,
  /** Sysprep; invented ("minutes"). */
  sysprep: 180,
  /** A VM from a version until it is provisioned: recorded VM creations of Linux, 20 to 60. */
  bootVm: 40,
  /** Until the agent of a VM that has just been provisioned reports: at once in most recordings. */
  firstAgent: 15,
  deallocate: 25,
  generalize: 1,
  acceptVersion: 2,
  /** One or more regions at once, mode Full. */
  replicate: 430,
  replicateShallow: 45,
  updateVersion: 150,
  image: 5,
  /** Whatever is neither a version nor a VM. */
  remove: 5,
  deleteVersion: 91,
  deleteVm: 22,
  createVm: 40,
} as const;
