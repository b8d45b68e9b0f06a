import type { UnitResult } from './guest.ts';
import { readInside, writeInside } from './paths.ts';
import type { GuestOptions } from './root.ts';
import type { GuestState } from './state.ts';

/** What the console shows after a boot. Source of the shape: boot diagnostics of an Ubuntu VM; the text is invented. */
export const bootLog = (computerName = 'vm-build'): string =>
  [
    '[    0.000000] Linux version 6.8.0-azure (buildd@lcy02)',
    '\u001b[0;32m  OK  \u001b[0m] Finished Cloud-init: Final Stage.',
    '',
    `Ubuntu 24.04 LTS ${computerName} ttyS0`,
    '',
    `${computerName} login: `,
  ].join('\n');

/** What it shows at the end. Source of the shape: systemd's shutdown on a serial console. */
export const powerOffLog = [
  '',
  '[\u001b[0;32m  OK  \u001b[0m] Reached target \u001b[0;1;39mSystem Power Off\u001b[0m.',
  '[  321.123456] reboot: Power down',
  '',
].join('\n');

/** How far a console had come at a moment. */
interface ConsoleMoment {
  readonly clock: number;
  readonly length: number;
  readonly marks: number;
}

/** The serial console of an emulated Linux guest: files in its `/dev`. */
export class GuestConsole {
  readonly #root: string;
  readonly #state: GuestState;
  readonly #device: NonNullable<GuestOptions['console']>;

  constructor(root: string, state: GuestState, device: GuestOptions['console'] = 'ttyS0') {
    this.#root = root;
    this.#state = state;
    this.#device = device;
  }

  /** The serial log: what was printed since the guest was opened. */
  get text(): string {
    return asPrinted(this.#printed());
  }

  #printed(): string {
    const read = (device: string) => readInside(this.#root, `dev/${device}`);
    return (this.#device === 'none' ? undefined : read(this.#device)) ?? read('console') ?? '';
  }

  /** Adds lines of the kernel or of systemd. */
  append(text: string): void {
    const device = this.#device === 'none' ? 'console' : this.#device;
    writeInside(this.#root, `dev/${device}`, text, 'a');
  }

  /** Empties it, as on a machine that is new. */
  clear(): void {
    for (const device of ['ttyS0', 'ttyAMA0', 'console'])
      if (readInside(this.#root, `dev/${device}`) !== undefined)
        writeInside(this.#root, `dev/${device}`, '');
    this.#state.set('console-marks', '');
  }

  now(): ConsoleMoment {
    const marks = this.#marks().length;
    return { clock: this.#state.clock, length: this.text.length, marks };
  }

  /** What was printed since then, and how the log stood each time that something slept. */
  since({ clock, length, marks }: ConsoleMoment): Pick<UnitResult, 'consoleText' | 'consoleAt'> {
    const printed = Buffer.from(this.#printed());
    const consoleAt = this.#marks()
      .slice(marks)
      .map((mark) => {
        const [at = 0, bytes = 0] = mark.split(' ').map(Number);
        const text = asPrinted(printed.subarray(0, bytes).toString());
        return { afterSeconds: at - clock, text };
      });
    return { consoleText: this.text.slice(length), consoleAt };
  }

  /** What the stand-in of sleep noted: the clock, and the bytes on the console. */
  #marks(): string[] {
    return this.#state.lines('console-marks');
  }

  /** Whether what writes to it from now on waits for ever. */
  hang(hangs: boolean): void {
    if (hangs) this.#state.set('settings/console-hangs', '');
    else this.#state.remove('settings/console-hangs');
  }
}

/** A terminal gets both line ends. */
const asPrinted = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n');
