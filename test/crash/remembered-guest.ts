import { type GuestOptions, openGuest } from '../../local-azure/src/guest/guest.ts';
import { textAt } from '../../local-azure/src/json.ts';
import type { MachineGuest, RunOutcome, UnitOutcome } from '../../local-azure/src/vm/machine.ts';
import type { Guests } from '../../local-azure/src/vm/machines.ts';

/**
 * A Linux guest that runs for real what was never run before, and remembers it: the matrix puts
 * thousands of guests through the same few histories, and every script costs half a second. What a
 * guest does depends on nothing but what was done in it before, so the history is the key; the
 * nonce, which differs in every run, is cut out of it.
 */
export function rememberedGuest(options: GuestOptions = {}): MachineGuest {
  const acts: Act[] = [];
  let key = JSON.stringify(options);
  let nonce = '';
  const now = (): Moment => momentAfter(options, key, acts);
  const act = <T>(next: Act): T => {
    acts.push(next);
    key += `\n${next.name} ${next.text}`;
    return restore(now().outcome, nonce) as T;
  };
  return {
    run: (script, parameters) => {
      nonce = NONCE.exec(script)?.[1] ?? nonce;
      const text = script.replaceAll(nonce || ANY_NONCE, ANY_NONCE);
      return act<RunOutcome>({ name: 'run', text, parameters });
    },
    runScheduled: (unit) => act<UnitOutcome>({ name: 'unit', text: unit }),
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
  readonly name: 'run' | 'unit' | 'restart';
  /** The script, with `ANY_NONCE` for its nonce, or the unit's name. */
  readonly text: string;
  readonly parameters?: readonly string[];
}

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

/** Remembered, or found out in a fresh guest that goes through all of the history. */
function momentAfter(options: GuestOptions, key: string, acts: readonly Act[]): Moment {
  const known = moments.get(key);
  if (known) return known;
  using guest = openGuest(options);
  let outcome: unknown;
  for (const { name, text, parameters = [] } of acts) {
    if (name === 'run') outcome = guest.run(text, parameters);
    else if (name === 'unit') outcome = guest.runScheduled(text);
    else guest.restart();
  }
  const moment = { outcome, scheduled: guest.scheduled(), console: guest.console() };
  moments.set(key, moment);
  return moment;
}
