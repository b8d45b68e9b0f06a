import type { Parsed } from './parse.ts';
import type { Row, Rows } from './row.ts';
import { CAPTURE } from './rows/capture.ts';
import { PLACES } from './rows/places.ts';
import { PRUNE } from './rows/prune.ts';
import { REGIONS } from './rows/regions.ts';
import { RESTORE } from './rows/restore.ts';
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

type Table = typeof INPUTS;
export type InputName = keyof Table;

/** What an input's parser makes of its text. */
export type Value<N extends InputName> =
  ReturnType<Table[N]['parse']> extends Parsed<infer T> ? T : never;

/** The same, `undefined` where it is not given and has no default. */
export type ValueOrDefault<N extends InputName> =
  | Value<N>
  | (Table[N] extends { readonly default: string } ? never : undefined);

export const isInput = (name: string): name is InputName => Object.hasOwn(INPUTS, name);

export const rowOf = (name: InputName): Row => INPUTS[name];
