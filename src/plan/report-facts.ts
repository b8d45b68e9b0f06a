import { defined } from '../domain/defined.ts';
import { definitionAt } from '../domain/features.ts';
import type { Definition, Disk, Inventory, Vm } from '../domain/observed.ts';
import { nameOf, parentId, parseResourceId, sameId } from '../domain/resource-id.ts';
import type { Target } from '../domain/target.ts';

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
  const ids = vm && [vm.osDisk, ...vm.dataDisks].map(({ id }) => id);
  const own = disks.filter((disk) => ids?.some((id) => id && sameId(id, disk.id)));
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
  const osDisk = disks.find(({ id }) => vm.osDisk.id && sameId(id, vm.osDisk.id));
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
