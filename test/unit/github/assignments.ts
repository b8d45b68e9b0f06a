import { Failure } from '../../../src/domain/failure.ts';
import type { CaptureRequest } from '../../../src/domain/request.ts';
import { assignmentOf, readInputs } from '../../../src/github/inputs/requests.ts';
import { NOW, SUBSCRIPTION } from '../worlds.ts';

export type Inputs = Readonly<Record<string, string>>;

export const TENANT = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
export const CLIENT = 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb';

/** The least that a capture needs. */
export const MINIMAL: Inputs = {
  'tenant-id': TENANT,
  'client-id': CLIENT,
  'subscription-id': SUBSCRIPTION,
  'resource-group': 'images',
  vm: 'build',
  gallery: 'golden',
  'image-definition': 'ubuntu',
};

/** Reads exactly these inputs, in this environment. */
export function readExactly(inputs: Inputs, env: Inputs = {}, { azSession = false } = {}) {
  const found = readInputs({
    get: (name) => (Object.hasOwn(inputs, name) ? (inputs[name] ?? '') : ''),
    given: Object.keys(inputs),
    env,
    azSession: () => azSession,
    now: NOW,
  });
  return { ...found, ...assignmentOf(found) };
}

/** Reads the minimal inputs with these on top. */
export const read = (inputs: Inputs = {}, env: Inputs = {}) =>
  readExactly({ ...MINIMAL, ...inputs }, env);

/** The request that the minimal inputs with these on top make. */
export function requestOf(inputs: Inputs = {}): CaptureRequest {
  const { request } = read(inputs);
  if (request.operation !== 'capture') throw new Error(`An operation ${request.operation}`);
  return request;
}

/** The mistakes that the one failure lists. */
export function mistakes(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind !== 'input') throw thrown;
    const [head = '', ...items] = thrown.what.split('\n');
    return items.length > 0 ? items.map((line) => line.replace(/^- /, '')) : [head];
  }
  return [];
}

/** The one mistake in the minimal inputs with these on top. */
export function mistake(inputs: Inputs, env: Inputs = {}): string {
  const all = mistakes(() => read(inputs, env));
  if (all.length !== 1) throw new Error(`One mistake was expected: ${JSON.stringify(all)}`);
  return all[0] ?? '';
}
