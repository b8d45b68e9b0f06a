/** All resource providers: a new one is a file beside this and a line here. */
import type { Arm } from '../arm.ts';

/** Registers every provider's routes. Earlier registrations win over later, broader ones. */
export function registerProviders(_arm: Arm): void {}
