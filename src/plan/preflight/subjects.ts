import type { Need } from '../../domain/finding.ts';
import type { Definition, Disk, ImageVersion, Vm } from '../../domain/observed.ts';
import { sameId } from '../../domain/resource-id.ts';
import type { Surroundings } from '../../domain/subscription.ts';
import type { Checked, RuleContext } from './context.ts';

/** What a rule can be about. */
export interface Subjects<O extends Checked> {
  /** The VM that is captured or comes back, while there is something to do to it. */
  readonly vm: Vm;
  /** The same that comes back: of a restore, or of a capture with `after-capture: restore`. */
  readonly returningVm: Vm;
  /** Of a capture that has still to make its version. */
  readonly vmAndDefinition: {
    readonly vm: Vm;
    readonly osDisk: Disk | undefined;
    readonly definition: Definition;
  };
  /** The version that is promoted. */
  readonly source: ImageVersion;
  /** The same where it is copied into another definition. */
  readonly copiedSource: ImageVersion;
  /** The same where it is changed in its own place. */
  readonly sourceInPlace: ImageVersion;
  /** The definition to copy to, and that of the source. */
  readonly definitions: { readonly definition: Definition; readonly source: Definition };
  /** The version that has the number already. */
  readonly namesake: ImageVersion;
  readonly confidential: NonNullable<RuleContext['confidential']>;
  /** The throw-away VM that is to be made. */
  readonly throwAwayVm: Surroundings;
  /** Whatever there is, while a version is still to be made. */
  readonly newVersion: RuleContext<O>;
  /** The same where a version is copied into another definition. */
  readonly copy: RuleContext<O>;
}

/** How each is found, and what else its rules cannot judge without; they are moot where it is not found. */
export const SUBJECTS: {
  readonly [S in keyof Subjects<Checked>]: {
    readonly needs: readonly Need[];
    find<O extends Checked>(context: RuleContext<O>): Subjects<O>[S] | false | undefined;
  };
} = {
  vm: { needs: ['vm'], find: ({ made, inventory }) => !made && inventory.vm },
  returningVm: {
    needs: ['vm'],
    find: (context) => !context.made && comesBack(context) && context.inventory.vm,
  },
  vmAndDefinition: {
    needs: ['vm'],
    find: ({ made, inventory: { vm, definition, disks } }) =>
      !made &&
      vm &&
      definition && { vm, definition, osDisk: disks.find(({ id }) => sameId(id, vm.osDisk.id)) },
  },
  source: { needs: ['source'], find: ({ inventory }) => inventory.source },
  copiedSource: {
    needs: ['source'],
    find: (context) => isCopy(context) && context.inventory.source,
  },
  sourceInPlace: {
    needs: ['source'],
    find: (context) => !isCopy(context) && context.inventory.source,
  },
  definitions: {
    needs: ['source'],
    find: (context) => {
      const { definition, sourceDefinition: source } = context.inventory;
      return isCopy(context) && definition && source && { definition, source };
    },
  },
  namesake: { needs: ['source'], find: ({ namesake }) => namesake },
  confidential: {
    needs: ['vm', 'source', 'definition'],
    find: ({ confidential }) => confidential,
  },
  throwAwayVm: { needs: [], find: ({ inventory }) => inventory.surroundings },
  newVersion: { needs: [], find: (context) => !context.made && context },
  copy: { needs: [], find: (context) => isCopy(context) && context },
};

const isCopy = ({ request }: RuleContext): boolean =>
  request.operation === 'promote' && request.destination !== undefined;

const comesBack = ({ request }: RuleContext): boolean =>
  request.operation === 'restore' ||
  (request.operation === 'capture' && request.afterCapture === 'restore');
