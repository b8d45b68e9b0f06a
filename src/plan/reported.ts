import type { Finding } from '../domain/finding.ts';
import { type Definition, definitionAt } from '../domain/gallery.ts';
import type { Inventory } from '../domain/observed.ts';
import { defined } from '../domain/plain-objects.ts';
import type { StorageAccountType, TargetRegion } from '../domain/regions.ts';
import type { Operation } from '../domain/request.ts';
import { nameOf, parentId, parseResourceId, sameId } from '../domain/resource-id.ts';
import type { RestoredDisk } from '../domain/restore.ts';
import type { Target } from '../domain/target.ts';
import { type Disk, disksOf, type Vm } from '../domain/vm.ts';
import type { Step } from './plan.ts';
import { LOST, MAY_CHANGE } from './restore.ts';

/** What a run is about, as reports show it, whatever its operation. */
export interface ReportedTarget {
  /** Resource ID of the version. */
  readonly version: string;
  /** Empty while the build VM is not there yet. */
  readonly location: string;
  readonly regions: readonly TargetRegion[];
  readonly storageAccountType?: StorageAccountType;
  readonly excludeFromLatest: boolean;
  readonly endOfLife?: Date;
  /** Resource ID of the build VM. */
  readonly vm?: string;
  /** Of the build VM, by which Azure tells it from another of the same name. */
  readonly vmId?: string;
  /** Resource ID of the version that is promoted. */
  readonly source?: string;
  /** The version is deleted after the verdict on it. */
  readonly ephemeral?: true;
  /** IDs of the snapshots to be taken, or that a VM comes back from. */
  readonly snapshots: readonly string[];
  /** Of a VM that comes back: its new disks. */
  readonly disks?: readonly RestoredDisk[];
  /** What these replace is to be deleted. */
  readonly deletesOld?: true;
  /** The VM that comes back is deleted and created again. */
  readonly recreates?: true;
}

/** What reports and outputs tell of a target, whichever operation it is of. */
export function reportedTarget(target: Target): ReportedTarget {
  const { version, location, regions } = target;
  const common = { version, location, regions };
  if (target.operation === 'restore') {
    const { vm, disks, model } = target;
    const snapshots = disks.map(({ snapshot }) => snapshot);
    const recreates = model === undefined ? undefined : (true as const);
    const some = defined({ recreates, deletesOld: deletesOld(target.request) });
    return { ...common, vm, snapshots, excludeFromLatest: false, disks, ...some };
  }
  if (target.operation === 'capture') {
    const { request, snapshots, newDisks, vmId } = target;
    return defined({
      ...common,
      vm: request.vm,
      vmId: vmId || undefined,
      ephemeral: request.ephemeral,
      snapshots: snapshots.map(({ snapshot }) => snapshot),
      disks: newDisks.length > 0 ? newDisks : undefined,
      deletesOld: deletesOld(request),
      ...traits(request),
    });
  }
  const source = target.operation === 'promote' && { source: target.source };
  return { ...common, snapshots: [], ...source, ...traits(target) };
}

const deletesOld = ({ oldDisks }: { readonly oldDisks?: string }) =>
  oldDisks === 'delete' || undefined;

const traits = ({
  excludeFromLatest,
  storageAccountType,
  endOfLife,
}: Pick<ReportedTarget, 'excludeFromLatest' | 'storageAccountType' | 'endOfLife'>) =>
  defined({ excludeFromLatest, storageAccountType, endOfLife });

/** The `target` of the `plan` output. */
function describeTarget(operation: Operation, of: ReportedTarget): object {
  const { version, vm, source, location, regions, snapshots, recreates } = of;
  const disks = of.disks?.map(({ lun, snapshot, disk, replaces = null }) => ({
    ...defined({ lun }),
    snapshot,
    disk,
    replaces,
  }));
  if (operation === 'prune') return { imageDefinitionId: version };
  if (operation === 'restore') {
    const effects = recreates ? { mayChange: [], lost: LOST } : { mayChange: MAY_CHANGE, lost: [] };
    return { vm, location, snapshots, disks, ...effects };
  }
  return defined({
    vm,
    source,
    imageVersionId: version,
    imageVersion: nameOf(version),
    location,
    regions,
    snapshots,
    disks,
    mayChange: disks && MAY_CHANGE,
  });
}

/** What reports show, and no decision needs. */
export interface ReportFacts {
  /** GiB of the disks of one replica; absent when not known. */
  readonly sizeGiB?: number;
  /** Compact names of the regions with availability zones; absent when Azure did not show them. */
  readonly zoned?: readonly string[];
  /** What the build VM was made of: a resource ID or a URN; absent when not known. */
  readonly baseImage?: string;
  /** A command that creates a definition that fits the VM; absent without VM or definition. */
  readonly fittingDefinition?: string;
}

/** @param target absent when the request could not be resolved */
export function reportFacts(inventory: Inventory, target: Target | undefined): ReportFacts {
  const { vm, disks, definition, regions, source } = inventory;
  const own = disks.filter(({ id }) => vm && disksOf(vm).some((disk) => sameId(disk.id, id)));
  const ofVm = own.length > 0 ? own.reduce((sum, disk) => sum + disk.sizeGiB, 0) : undefined;
  const at = definition && definitionAt(definition, target && nameOf(target.version));
  return defined({
    sizeGiB: ofVm ?? source?.sizeGiB,
    zoned: regions?.filter(({ zones }) => zones).map(({ name }) => name),
    baseImage: vm?.baseImage || undefined,
    fittingDefinition: vm && at && createDefinition(vm, own, at),
  });
}

/**
 * `az sig image-definition create` for a definition beside this one that fits the VM. Publisher,
 * offer and SKU must differ from those of every other definition of the gallery.
 */
function createDefinition(vm: Vm, disks: readonly Disk[], definition: Definition): string {
  const osDisk = disks.find(({ id }) => sameId(id, vm.osDisk.id));
  const generation = osDisk?.generation ?? vm.generation ?? definition.generation;
  const architecture = osDisk?.architecture ?? definition.architecture;
  const plan = vm.plan ?? osDisk?.plan;
  const gallery = parentId(definition.id);
  const { subscriptionId = '', resourceGroup = '' } = parseResourceId(gallery) ?? {};
  const traits = [vm.osType, generation, architecture, vm.securityType].join('-').toLowerCase();
  const features = [
    ...(vm.securityType === 'Standard' ? [] : [`SecurityType=${vm.securityType}`]),
    ...(vm.diskController === 'NVMe' ? ['DiskControllerTypes=SCSI,NVMe'] : []),
  ];
  const lines = [
    `az sig image-definition create --subscription ${shellWord(subscriptionId)}`,
    `--resource-group ${shellWord(resourceGroup)} --gallery-name ${shellWord(nameOf(gallery))}`,
    `--gallery-image-definition ${shellWord(`${nameOf(definition.id)}-${traits}`)}`,
    `--location ${shellWord(definition.location)}`,
    `--publisher ${shellWord(nameOf(gallery))} --offer ${shellWord(nameOf(definition.id))} --sku ${shellWord(traits)}`,
    `--os-type ${vm.osType} --os-state ${vm.generalized ? 'Generalized' : definition.osState}`,
    `--hyper-v-generation ${generation} --architecture ${architecture}`,
    ...(features.length > 0 ? [`--features ${shellWord(features.join(' '))}`] : []),
    ...(plan
      ? [
          `--plan-name ${shellWord(plan.name)} --plan-product ${shellWord(plan.product)} --plan-publisher ${shellWord(plan.publisher)}`,
        ]
      : []),
  ];
  return lines.join(' \\\n  ');
}

/** A word that a shell takes as it is: names come from outside. */
const shellWord = (text: string): string =>
  /^[\w.,=/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Resource IDs of a step that are listed. */
const MOST_RESOURCES = 50;

/** The `plan` output, as action.yml documents it. */
export function planOutput(
  operation: Operation,
  target: ReportedTarget | undefined,
  steps: readonly Step[],
  findings: readonly Finding[],
) {
  return {
    schema: 1,
    operation,
    target: target ? describeTarget(operation, target) : {},
    steps: steps.map(({ id, do: kind, resources, irreversible, expectedSeconds }, index) => ({
      id,
      do: kind,
      // Each step needs the one before it.
      needs: steps.slice(Math.max(0, index - 1), index).map((before) => before.id),
      resources: resources.slice(0, MOST_RESOURCES),
      ...(resources.length > MOST_RESOURCES && { resourceCount: resources.length }),
      irreversible,
      expectedSeconds,
    })),
    findings: findings.map(({ rule, severity, message, remedy }) => ({
      rule,
      severity,
      message,
      remedy,
    })),
  };
}
