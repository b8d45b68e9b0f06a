import type { Problem, Row } from './row.ts';
import { CAPTURE, RESTORE } from './rows/capture.ts';
import { PLACES } from './rows/places.ts';
import { PRUNE } from './rows/prune.ts';
import { REGIONS } from './rows/regions.ts';
import { OPERATION, REPORTING, TIME } from './rows/run.ts';
import { SIGN_IN } from './rows/sign-in.ts';
import { VERIFICATION } from './rows/verification.ts';
import { LATEST, VERSION } from './rows/version.ts';

/** Every input of the action, in the order of `action.yml`. */
export const INPUTS = {
  ...OPERATION,
  ...SIGN_IN,
  ...PLACES,
  ...VERSION,
  ...REGIONS,
  ...LATEST,
  ...CAPTURE,
  ...VERIFICATION,
  ...PRUNE,
  ...RESTORE,
  ...TIME,
  ...REPORTING,
};

export type InputName = keyof typeof INPUTS;

/** What an input's parser makes of its text. */
export type Value<N extends InputName> = Exclude<ReturnType<(typeof INPUTS)[N]['parse']>, Problem>;

export const isInput = (name: string): name is InputName => Object.hasOwn(INPUTS, name);

export const rowOf = (name: InputName): Row => INPUTS[name];
