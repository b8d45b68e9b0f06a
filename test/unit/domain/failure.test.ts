import { expect, it, test } from 'vitest';
import { asFailure, Failure, messageOf } from '../../../src/domain/failure.ts';

test('the message has a line for each of what, why, remedy and trace', () => {
  const failure = new Failure({
    kind: 'refused',
    what: 'What.',
    why: 'Why.',
    remedy: 'Remedy.',
    code: 'AuthorizationFailed',
    correlationId: 'c-1',
  });
  expect(failure.message.split('\n')).toEqual([
    'What.',
    'Why.',
    'Remedy.',
    "Azure's code: AuthorizationFailed. Correlation ID: c-1.",
  ]);
  expect(new Failure({ kind: 'input', what: 'What.' }).message).toBe('What.');
});

test('a failure comes back as it is, with its cause', () => {
  const cause = new Error('deep');
  const failure = new Failure({ kind: 'timeout', what: 'Too long.', cause });
  expect(asFailure(failure)).toBe(failure);
  expect(failure.cause).toBe(cause);
});

it.each([
  [new TypeError('x is undefined'), /x is undefined/],
  ['a string', /a string/],
  [undefined, /undefined/],
  [null, /null/],
  [{ toString: () => 'odd' }, /odd/],
  [Object.create(null), /a thrown object/],
  [Symbol('s'), /Symbol\(s\)/],
])('whatever is thrown becomes a failure: %#', (thrown, message) => {
  const failure = asFailure(thrown);
  expect(failure.kind).toBe('bug');
  expect(failure.cause).toBe(thrown);
  expect(failure.message).toMatch(message);
  expect(messageOf(thrown)).toMatch(message);
  expect(failure.remedy).toMatch(/again/);
});
