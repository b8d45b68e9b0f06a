/** All resource providers: a new one is a file beside this and a line here. */
import type { Arm } from '../arm.ts';
import type { Machines } from '../vm/machines.ts';
import { registerBootDiagnostics } from './boot-diagnostics.ts';
import { registerDisks } from './disks.ts';
import { registerGalleryService } from './gallery-service.ts';
import { registerImages } from './images.ts';
import { registerRunCommand } from './run-command.ts';
import { registerSnapshots } from './snapshots.ts';
import { registerVirtualMachines } from './virtual-machines.ts';
import { registerVmPower } from './vm-power.ts';

/** Registers every provider's routes. Of two routes for the same path the first one answers. */
export function registerProviders(arm: Arm, machines: Machines): void {
  registerVirtualMachines(arm, machines);
  registerVmPower(arm, machines);
  registerRunCommand(arm, machines);
  registerBootDiagnostics(arm, machines);
  registerDisks(arm);
  registerSnapshots(arm);
  registerImages(arm);
  registerGalleryService(arm);
}
