/** All resource providers: a new one is a file beside this and a line here. */
import type { Arm } from '../arm.ts';
import type { Machines } from '../vm/machines.ts';
import { registerAuthorization } from './authorization.ts';
import { registerBootDiagnostics } from './boot-diagnostics.ts';
import { registerComputeCatalog } from './compute-catalog.ts';
import { registerDeployments } from './deployments.ts';
import { registerDiskAccesses } from './disk-accesses.ts';
import { registerDiskEncryptionSets } from './disk-encryption-sets.ts';
import { registerDisks } from './disks.ts';
import { registerFederatedCredentials } from './federated-credentials.ts';
import { registerGalleryService } from './gallery-service.ts';
import { registerGalleryVisitors } from './gallery-visitors.ts';
import { registerImages } from './images.ts';
import { registerMarketplaceImages } from './marketplace-images.ts';
import { registerNetwork } from './network.ts';
import { registerRoles } from './roles.ts';
import { registerRunCommand } from './run-command.ts';
import { registerRunCommands } from './run-commands.ts';
import { registerScaleSets } from './scale-sets.ts';
import { registerSnapshots } from './snapshots.ts';
import { registerStorageAccounts } from './storage-accounts.ts';
import { registerSubscriptions } from './subscriptions.ts';
import { registerUserIdentities } from './user-identities.ts';
import { registerVirtualMachines } from './virtual-machines.ts';
import { registerVmCapture } from './vm-capture.ts';
import { registerVmDataDisks } from './vm-data-disks.ts';
import { registerVmPatches } from './vm-patches.ts';
import { registerVmPower } from './vm-power.ts';

/** Registers every provider's routes. Of two routes for the same path the first one answers. */
export function registerProviders(arm: Arm, machines: Machines): void {
  registerSubscriptions(arm);
  registerAuthorization(arm);
  registerRoles(arm);
  registerVirtualMachines(arm, machines);
  registerVmPower(arm, machines);
  registerVmDataDisks(arm, machines);
  registerVmPatches(arm);
  registerVmCapture(arm);
  registerRunCommand(arm, machines);
  registerRunCommands(arm, machines);
  registerBootDiagnostics(arm, machines);
  registerDisks(arm);
  registerDiskAccesses(arm);
  registerDiskEncryptionSets(arm);
  registerSnapshots(arm);
  registerImages(arm);
  registerGalleryService(arm);
  registerGalleryVisitors(arm);
  registerComputeCatalog(arm);
  registerNetwork(arm);
  registerStorageAccounts(arm);
  registerUserIdentities(arm);
  registerFederatedCredentials(arm);
  registerMarketplaceImages(arm);
  registerScaleSets(arm);
  registerDeployments(arm);
}
