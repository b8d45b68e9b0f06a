import { describe, expect, it } from 'vitest';
import {
  SECURITY_TYPES,
  securityTypeOf,
  takesVersionOf,
  takesVmOf,
} from '../../../src/domain/security-type.ts';

describe('a security type that is not known', () => {
  it.each(['', 'NewType', 'standard', 'toString', '__proto__'])('is unknown: %j', (name) => {
    expect(securityTypeOf(name)).toBeUndefined();
    expect(takesVmOf(name)).toBeUndefined();
    for (const known of Object.keys(SECURITY_TYPES)) {
      expect(takesVersionOf(name, known)).toBeUndefined();
      expect(takesVersionOf(known, name)).toBeUndefined();
    }
  });
});

it.each(Object.keys(SECURITY_TYPES))('a definition takes versions of its own type: %s', (name) => {
  expect(takesVersionOf(name, name)).toBe(true);
});

it.each(['TrustedLaunch', 'ConfidentialVM'])(
  'guest state fits into its own type alone: %s',
  (name) => {
    const takers = Object.keys(SECURITY_TYPES).filter((other) => takesVersionOf(other, name));
    expect(takers).toEqual([name]);
  },
);
