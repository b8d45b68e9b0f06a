/** Inputs of restores, and of captures whose VM comes back. */
import type { First } from './case.ts';
import type { Dice } from './dice.ts';
import type { Inputs } from './inputs.ts';
import type { Surroundings } from './worlds.ts';

/** Where the capture ends that a restore takes back. */
const ENDS: readonly (readonly [method: string, path: string, when: 'before' | 'after'])[] = [
  ['POST', '**/runCommand', 'after'],
  ['POST', '**/deallocate', 'before'],
  ['POST', '**/deallocate', 'after'],
  ['POST', '**/generalize', 'after'],
  ['PUT', '**/versions/*', 'before'],
];

/** These inputs, or now and then those of a restore or of a capture whose VM comes back. */
export function perhapsRestored(
  dice: Dice,
  about: Surroundings,
  inputs: Inputs,
): { readonly inputs: Inputs; readonly first: First | null } {
  const chance = dice.between(0, 99);
  const isCapture = inputs.operation === undefined && inputs.ephemeral === undefined;
  if (chance < 12 && isCapture) return { inputs: returning(dice, inputs), first: null };
  if (chance < 32 && isCapture && !inputs['dry-run'] && about.power === 'running')
    return restore(dice, inputs);
  return { inputs, first: null };
}

function returning(dice: Dice, inputs: Inputs): Inputs {
  const { deprovision, ...rest } = inputs;
  return {
    ...rest,
    snapshot: 'true',
    'capture-from': 'disks',
    'after-capture': 'restore',
    ...(deprovision && { deprovision: 'always' }),
    ...(inputs['wait-for'] ? {} : dice.optional(0.4, 'old-disks', () => 'delete')),
  };
}

function restore(dice: Dice, inputs: Inputs): { inputs: Inputs; first: First } {
  const { comment: _, ...before } = inputs;
  const [method, path, when] = dice.pick(ENDS);
  return {
    inputs: {
      'resource-group': 'images',
      'poll-interval': '0.1',
      'timeout-minutes': '0.75',
      operation: 'restore',
      vm: inputs.vm ?? '',
      ...dice.optional(0.4, 'old-disks', () => 'delete'),
      ...dice.optional(0.8, 'recreate', () => 'true'),
    },
    first: {
      inputs: { ...before, snapshot: 'true' },
      kill: { method, path, when, signal: 'SIGKILL' },
    },
  };
}
