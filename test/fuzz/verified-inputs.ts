/** Inputs of the operations that prove, and prune, what a capture or a promotion makes. */
import { DEFAULT_PLACE } from '../../local-azure/src/default-world.ts';
import { idOf } from '../../local-azure/src/world-parts.ts';
import type { Dice } from './dice.ts';
import type { Inputs } from './inputs.ts';
import type { Surroundings } from './worlds.ts';

const SUBNET = idOf(DEFAULT_PLACE, 'Microsoft.Network/virtualNetworks/subnets', 'build', 'default');

/** These inputs, or now and then those of a verified run, a verification or a prune in their place. */
export function perhapsOther(dice: Dice, about: Surroundings, inputs: Inputs): Inputs {
  const [source] = about.versions;
  const chance = dice.between(0, 99);
  if (chance < 30) return verified(dice, inputs);
  if (source !== undefined && chance < 40) return verification(dice, about, source);
  if (source !== undefined && chance < 52) return prune(dice, about);
  return inputs;
}

const verifyInputs = (dice: Dice): Inputs => ({
  'verify-subnet': SUBNET,
  ...dice.optional(0.5, 'verify-script', () => dice.pick(['true', 'exit 3', 'echo fine'])),
});

function verified(dice: Dice, inputs: Inputs): Inputs {
  const base: Inputs = { ...inputs, verify: 'boot', ...verifyInputs(dice) };
  if (inputs.operation === 'promote') return base;
  if (!dice.maybe(0.35)) {
    const { 'wait-for': _, ...waits } = base;
    return {
      ...waits,
      ...dice.optional(0.3, 'verify-on-failure', () => dice.pick(['keep', 'delete'])),
    };
  }
  const refused = [
    'target-regions',
    'image-version',
    'wait-for',
    'end-of-life',
    'block-deletion-before-end-of-life',
    'repair-regions',
  ];
  const left = Object.entries(base).filter(([name]) => !refused.includes(name));
  return { ...Object.fromEntries(left), ephemeral: 'true' };
}

const COMMON: Inputs = {
  'resource-group': 'images',
  'poll-interval': '0.1',
  'timeout-minutes': '0.75',
};

const verification = (dice: Dice, about: Surroundings, source: string): Inputs => ({
  ...COMMON,
  operation: 'verify',
  'source-image-version': `golden/${about.definition}/${source}`,
  ...verifyInputs(dice),
});

const prune = (dice: Dice, about: Surroundings): Inputs => ({
  ...COMMON,
  operation: 'prune',
  gallery: 'golden',
  'image-definition': about.definition,
  'older-than': '7d',
  'usage-subscriptions': dice.pick(['none', DEFAULT_PLACE.subscriptionId]),
  ...dice.optional(0.7, 'keep-versions', () => '1'),
});
