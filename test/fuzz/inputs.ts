/** Random inputs that fit a world, now and then some that do not. */
import type { Dice } from './dice.ts';
import { RELEASED, type Surroundings } from './worlds.ts';

export type Inputs = Record<string, string>;

const REGIONS = [
  'westeurope, northeurope',
  'northeurope=2',
  'West Europe=2=Premium_LRS',
  'westeurope\nnortheurope\nuksouth=1=Standard_LRS',
];

export function inputsOf(dice: Dice, about: Surroundings): Inputs {
  const common = {
    'resource-group': 'images',
    'poll-interval': '0.1',
    'timeout-minutes': '0.75',
    ...dice.optional(0.3, 'tags', () => 'environment=dev\ncost-center=12'),
    ...dice.optional(0.4, 'target-regions', () => dice.pick(REGIONS)),
  };
  const [source] = about.versions;
  if (source !== undefined && dice.maybe(0.35)) return promotion(dice, about, source, common);
  return capture(dice, about, common);
}

function promotion(dice: Dice, about: Surroundings, source: string, common: Inputs): Inputs {
  const copies = dice.maybe(0.5);
  return {
    operation: 'promote',
    'source-image-version': `golden/${about.definition}/${source}`,
    ...common,
    ...(copies && { gallery: 'golden', 'image-definition': RELEASED }),
    ...dice.optional(0.4, 'exclude-from-latest', () => dice.pick(['true', 'false'])),
    ...dice.optional(0.3, 'allow-no-latest', () => 'true'),
    ...dice.optional(0.2, 'repair-regions', () => 'true'),
  };
}

function capture(dice: Dice, about: Surroundings, common: Inputs): Inputs {
  const isStopped = about.power !== 'running' && about.power !== 'generalized';
  return {
    ...common,
    vm: about.vm,
    gallery: 'golden',
    'image-definition': about.definition,
    ...dice.optional(0.4, 'snapshot', () => 'true'),
    ...dice.optional(0.2, 'snapshot-retention', () => '1'),
    ...dice.optional(0.3, 'capture-from', () => dice.pick(['vm', 'disks', 'auto'])),
    ...dice.optional(0.3, 'image-version', () => dice.pick(['minor', 'major', '2.0.0', 'date'])),
    ...dice.optional(0.2, 'wait-for', () => dice.pick(['home', 'none'])),
    ...dice.optional(0.15, 'after-capture', () => 'delete'),
    ...dice.optional(0.15, 'end-of-life', () => '90d'),
    ...dice.optional(0.1, 'block-deletion-before-end-of-life', () => 'true'),
    ...dice.optional(0.1, 'dry-run', () => 'true'),
    ...dice.optional(0.15, 'repair-regions', () => 'true'),
    ...(isStopped && { deprovision: dice.pick(['always', 'never', 'auto']) }),
  };
}
