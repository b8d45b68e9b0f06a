import type { Fault, FaultRule } from '../../local-azure/src/faults.ts';
import type { Attempt, FuzzCase, Kill } from './case.ts';
import { Dice } from './dice.ts';
import { inputsOf } from './inputs.ts';
import { isReturning } from './restored.ts';
import { perhapsRestored } from './restored-inputs.ts';
import { perhapsOther } from './verified-inputs.ts';
import { consoleOf, weatherOf } from './weathers.ts';
import { worldOf } from './worlds.ts';

const PLACES: readonly (readonly [method: string, path: string])[] = [
  ['POST', '**/oauth2/v2.0/token'],
  ['GET', '**/virtualMachines/*'],
  ['GET', '**/versions'],
  ['GET', '**/versions/*'],
  ['GET', '**/locations/*/*perations/*'],
  ['PUT', '**/snapshots/*'],
  ['PATCH', '**/virtualMachines/*'],
  ['POST', '**/runCommand'],
  ['PUT', '**/runCommands/*'],
  ['POST', '**/deallocate'],
  ['POST', '**/generalize'],
  ['PUT', '**/images/*'],
  ['PUT', '**/versions/*'],
  ['DELETE', '**/snapshots/*'],
];
/** Where verifications and prunes can be disturbed besides. */
const MORE_PLACES: readonly (readonly [method: string, path: string])[] = [
  ['PUT', '**/virtualMachines/verify-*'],
  ['GET', '**/virtualMachines/verify-*/instanceView'],
  ['POST', '**/virtualMachines/verify-*/runCommand'],
  ['DELETE', '**/virtualMachines/verify-*'],
  ['DELETE', '**/versions/*'],
];

/** Where restores can be disturbed. */
const RESTORE_PLACES: readonly (readonly [method: string, path: string])[] = [
  ['PUT', '**/disks/*'],
  ['PATCH', '**/disks/*'],
  ['PATCH', '**/virtualMachines/*'],
  ['POST', '**/start'],
  ['DELETE', '**/disks/*'],
  ['DELETE', '**/virtualMachines/*'],
  ['PUT', '**/virtualMachines/*'],
];

const error = (code: string) => ({ error: { code, message: 'A fault of the trial.' } });

const FATES: readonly Fault[] = [
  { status: 429, headers: { 'retry-after': '1' }, body: error('TooManyRequests') },
  { status: 500, body: error('InternalServerError') },
  { status: 503, body: error('ServiceUnavailable') },
  { status: 409, body: error('Conflict') },
  { status: 404, body: error('ResourceNotFound') },
  { status: 403, body: error('AuthorizationFailed') },
  { status: 200, body: {} },
  { status: 400, body: error('BadRequest') },
  { reset: true },
  { loseResponse: true },
  { operation: { status: 'Failed', error: { code: 'AllocationFailed', message: 'No room.' } } },
  { region: { name: 'northeurope', state: 'Failed', details: 'No capacity.' } },
];

/** A trial from its seed: the same one each time. */
export function caseOf(seed: number): FuzzCase {
  const dice = new Dice(seed);
  const { world, about } = worldOf(dice);
  // Dice of their own: what is drawn here changes nothing else of a trial.
  const github = new Dice(seed + 2_000_000);
  const asked = perhapsRestored(
    new Dice(seed + 4_000_000),
    about,
    perhapsOther(new Dice(seed + 3_000_000), about, inputsOf(dice, about)),
  );
  const inputs = {
    ...asked.inputs,
    ...github.optional(0.3, 'comment', () => 'true'),
  };
  const weather = { ...weatherOf(dice, about.vm), ...consoleOf(new Dice(seed + 1_000_000)) };
  const count = dice.between(1, 2);
  const faults = Array.from({ length: dice.between(2, 4) }, () => faultOf(dice));
  const attempts = Array.from({ length: count }, (_, index): Attempt => {
    const isMore = inputs['verify-subnet'] || inputs.operation === 'prune';
    const places = isReturning(inputs) ? RESTORE_PLACES : isMore ? MORE_PLACES : undefined;
    const more = places ? [faultOf(github, places)] : [];
    const those = faults.filter((_, each) => each % count === index);
    return {
      faults: [...those, ...more, ...gitHubFaultsOf(github)],
      ...dice.optional(0.45, 'kill', () => killOf(dice)),
    };
  });
  return { seed, world, inputs, weather, attempts, first: asked.first };
}

const GITHUB_FATES: readonly Fault[] = [
  { status: 403, body: { message: 'Resource not accessible by integration' } },
  { status: 500, body: {} },
  { status: 200, body: {} },
  { reset: true },
  { loseResponse: true },
];

/** Trouble with the comment, which must never change how a run ends. */
function gitHubFaultsOf(dice: Dice): FaultRule[] {
  if (!dice.maybe(0.4)) return [];
  const method = dice.pick(['GET', 'POST', 'PATCH']);
  const match = { method, path: '/github/**' };
  return [{ match, times: dice.pick([1, 2, 99]), fate: dice.pick(GITHUB_FATES) }];
}

function faultOf(dice: Dice, places = PLACES): FaultRule {
  const [method, path] = dice.pick(places);
  return {
    match: { method, path },
    after: dice.between(0, 2),
    times: dice.pick([1, 1, 2, 5]),
    fate: dice.pick(FATES),
  };
}

function killOf(dice: Dice): Kill {
  const [method, path] = dice.pick(PLACES);
  return {
    method,
    path,
    when: dice.pick(['before', 'after']),
    signal: dice.pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT']),
  };
}
