import type { Provisioned, Setup } from '../guest/first-boot.ts';
import type { Content } from './contents.ts';
import type { GuestBehaviour } from './guest-behaviour.ts';
import type { GuestHost, GuestImage, LiveGuest, MachineGuest } from './machine-guest.ts';

/** A guest whose scripts end at once, or one whose scripts run on while time passes. */
export type AnyGuest = MachineGuest | LiveGuest;

/** Opens the guest that a VM usually has, with options of its own. */
export type OpenGuest = (host: GuestHost, options?: GuestBehaviour['options']) => AnyGuest;

/** The guest on the OS disk of a machine: what it was made of, and what becomes of that. */
export class InstalledGuest implements Disposable {
  readonly #host: GuestHost;
  readonly #open: OpenGuest;
  /** Whether the VM did not run when it was first looked at: its guest's past is not known then. */
  readonly #wasOff: boolean;
  #guest: AnyGuest | undefined;
  #content: Content | undefined;
  /** A first boot that nobody has looked at yet, and whether anything is known of the image. */
  #first: { readonly setup: Setup; readonly isKnown: boolean } | undefined;
  #provisioned: Provisioned | undefined;

  constructor(host: GuestHost, open: OpenGuest, wasOff: boolean) {
    this.#host = host;
    this.#open = open;
    this.#wasOff = wasOff;
  }

  /** The guest, where somebody has needed it already. */
  get opened(): AnyGuest | undefined {
    return this.#guest;
  }

  /** The guest, opened when it is first needed. */
  get guest(): AnyGuest {
    if (this.#guest !== undefined) return this.#guest;
    const { image, behaviour: { options } = {} } = this.#content ?? {};
    const first = this.#first;
    const isBlank = first !== undefined && !first.isKnown;
    const copy = isBlank ? undefined : image?.open(this.#host);
    const blank = { ...options, ...(isBlank && { generalized: true }) };
    this.#guest = copy ?? this.#open(this.#host, blank);
    this.#first = undefined;
    if (first !== undefined) this.#provisioned = this.#guest.provision?.(first.setup);
    else if (copy !== undefined) copy.restart();
    return this.#guest;
  }

  /** How the world says that it behaves. */
  get behaviour(): GuestBehaviour {
    return this.#content?.behaviour ?? {};
  }

  /** Whether an agent runs in the guest and reports. */
  get hasAgent(): boolean {
    const { boots, agent } = this.behaviour;
    return boots !== false && agent !== 'never' && (this.#provisioned?.agentRuns ?? true);
  }

  /** What the disk holds; undefined where its past is not known. */
  image(): GuestImage | undefined {
    if (this.#guest !== undefined) return this.#guest.image?.();
    if (this.#content !== undefined) return this.#content.image;
    return this.#wasOff ? undefined : { open: (host) => this.#open(host) };
  }

  /** The OS disk is one that held a guest before; the machine is off or new. */
  attach(content: Content): void {
    this[Symbol.dispose]();
    this.#guest = undefined;
    this.#content = content;
  }

  /**
   * The VM is new, and its disk is made of this image. Returns whether the guest will tell the platform
   * that it is provisioned.
   */
  install(content: Content, setup: Setup): boolean {
    this.#content = content;
    const { boots, generalized } = content.behaviour;
    if (boots === false) return false;
    const isKnown = generalized === false || (content.image !== undefined && generalized !== true);
    this.#first = { setup, isKnown };
    // A guest that was generalized is opened when somebody looks.
    if (isKnown) void this.guest;
    return this.#provisioned?.reported ?? true;
  }

  [Symbol.dispose](): void {
    this.#guest?.[Symbol.dispose]();
  }
}
