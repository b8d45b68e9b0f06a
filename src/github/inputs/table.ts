import type { Problem, Row, Rows } from './row.ts';
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

/** The same in the groups of the documentation. */
export const GROUPS: Readonly<Record<string, Rows>> = {
  Operation: OPERATION,
  'Sign-in': SIGN_IN,
  'VM, gallery and definition': PLACES,
  Version: VERSION,
  'Regions and replicas': REGIONS,
  'Latest, end of life and tags': LATEST,
  Capture: CAPTURE,
  Verification: VERIFICATION,
  Prune: PRUNE,
  Restore: RESTORE,
  Time: TIME,
  Reporting: REPORTING,
};

export type InputName = keyof typeof INPUTS;

/** What an input's parser makes of its text. */
export type Value<N extends InputName> = Exclude<ReturnType<(typeof INPUTS)[N]['parse']>, Problem>;

export const isInput = (name: string): name is InputName => Object.hasOwn(INPUTS, name);

export const rowOf = (name: InputName): Row => INPUTS[name];
