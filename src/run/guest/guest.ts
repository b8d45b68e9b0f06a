import type { Vm } from '../../domain/observed.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench } from '../ports.ts';
import type { Guest } from './guest-channel.ts';
import { windowsGuest } from './windows-guest.ts';

export type { Guest } from './guest-channel.ts';

/** The guest of a VM. */
export const guestOf = (step: StepOf<'deprovision'>, bench: Bench, vm: Vm): Guest =>
  windowsGuest(step, bench, vm);
