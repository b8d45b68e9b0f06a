import type { Provisioned, Setup } from '../../local-azure/src/guest/first-boot.ts';
import { type GuestOptions, openGuest } from '../../local-azure/src/guest/guest.ts';
import { textAt } from '../../local-azure/src/json.ts';
import type {
  MachineGuest,
  RunOutcome,
  UnitOutcome,
} from '../../local-azure/src/vm/machine-guest.ts';
import type { Guests } from '../../local-azure/src/vm/machines.ts';

/**
 * A Linux guest that runs for real what was never run before, and remembers it: the matrix puts
 * thousands of guests through the same few histories, and every script costs half a second. What a
 * guest does depends on nothing but what was done in it before, so the history is the key; the
 * nonce, which differs in every run, is cut out of it.
 */
export function rememberedGuest(
  options: GuestOptions = {},
  past: readonly Act[] = [],
): MachineGuest {
  const acts: Act[] = [...past];
  let key = past.reduce(keyAfter, JSON.stringify(options));
  let nonce = '';
  const now = (): Moment => momentAfter(options, key, acts);
  const act = <T>(next: Act): T => {
    acts.push(next);
    key = keyAfter(key, next);
    return restore(now().outcome, nonce) as T;
  };
  return {
    run: (script, parameters) => {
      nonce = NONCE.exec(script)?.[1] ?? nonce;
      const text = script.replaceAll(nonce || ANY_NONCE, ANY_NONCE);
      return act<RunOutcome>({ name: 'run', text, parameters });
    },
    runScheduled: (unit) => act<UnitOutcome>({ name: 'unit', text: unit }),
    image: () => {
      const until = [...acts];
      return { open: () => rememberedGuest(options, until) };
    },
    // What differs in every run, the VM's ID and its key, is always the same here.
    provision: ({ adminUsername }) =>
      act<Provisioned>({ name: 'provision', text: adminUsername ?? '' }),
    restart: () => {
      act({ name: 'restart', text: '' });
    },
    scheduled: () => now().scheduled,
    console: () => restore(now().console, nonce),
    [Symbol.dispose]: () => undefined,
  };
}

/** For `guests`: Linux VMs get remembered guests, others their own. */
export const rememberedGuests: Guests = (vm) => {
  const osType = textAt(vm, 'properties', 'storageProfile', 'osDisk', 'osType');
  return osType === 'Windows' ? undefined : rememberedGuest();
};

interface Act {
  readonly name: 'run' | 'unit' | 'restart' | 'provision';
  /** The script, with `ANY_NONCE` for its nonce, or the unit's name. */
  readonly text: string;
  readonly parameters?: readonly string[];
}

const keyAfter = (key: string, { name, text }: Act): string => `${key}\n${name} ${text}`;

/** What a guest shows after its history. */
interface Moment {
  readonly outcome: unknown;
  readonly scheduled: ReturnType<MachineGuest['scheduled']>;
  readonly console: string;
}

const NONCE = /^nonce='?([A-Za-z0-9-]{4,64})'?$/m;
const ANY_NONCE = '00000000-0000';
const moments = new Map<string, Moment>();

const restore = <T>(remembered: T, nonce: string): T =>
  JSON.parse(JSON.stringify(remembered ?? null).replaceAll(ANY_NONCE, nonce || ANY_NONCE));

const setupOf = (adminUsername: string): Setup => ({
  vmId: '00000000-0000-0000-0000-000000000001',
  computerName: 'made',
  ...(adminUsername !== '' && { adminUsername }),
});

/** Remembered, or found out in a fresh guest that goes through all of the history. */
function momentAfter(options: GuestOptions, key: string, acts: readonly Act[]): Moment {
  const known = moments.get(key);
  if (known) return known;
  using guest = openGuest(options);
  let outcome: unknown;
  for (const { name, text, parameters = [] } of acts) {
    if (name === 'run') outcome = guest.run(text, parameters);
    else if (name === 'unit') outcome = guest.runScheduled(text);
    else if (name === 'provision') outcome = guest.provision(setupOf(text));
    else guest.restart();
  }
  const moment = { outcome, scheduled: guest.scheduled(), console: guest.console() };
  moments.set(key, moment);
  return moment;
}
