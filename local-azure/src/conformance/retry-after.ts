import { textAt } from '../json.ts';
import type { Difference } from './compare.ts';
import type { Target } from './resource-path.ts';

/**
 * The Retry-After, in seconds, of an answer, from the table "First response of each operation" in
 * the recordings' README: the recorder strips the header, so it cannot be compared with itself.
 */
interface Rule {
  readonly types: readonly string[];
  readonly methods: readonly string[];
  readonly action?: string;
  /** Values allowed on the first answer and on a poll in progress; `none` where it is absent. */
  readonly first: readonly number[] | 'none';
  readonly poll: readonly number[] | 'none';
}

const compute = 'microsoft.compute/';
const rules: readonly Rule[] = [
  {
    types: [`${compute}galleries/images/versions`],
    methods: ['PUT', 'PATCH', 'DELETE'],
    first: [60],
    poll: [60],
  },
  {
    types: [`${compute}galleries`, `${compute}galleries/images`],
    methods: ['PUT', 'PATCH', 'DELETE'],
    first: 'none',
    poll: 'none',
  },
  {
    types: [`${compute}disks`, `${compute}snapshots`],
    methods: ['PUT', 'PATCH'],
    first: [2],
    poll: [2, 10],
  },
  {
    types: [`${compute}disks`, `${compute}snapshots`],
    methods: ['DELETE'],
    first: 'none',
    poll: 'none',
  },
  { types: [`${compute}images`], methods: ['PUT'], first: 'none', poll: 'none' },
  {
    types: [`${compute}virtualmachines`],
    methods: ['POST'],
    action: 'deallocate',
    first: [10],
    poll: [10, 36],
  },
  {
    types: [`${compute}virtualmachines`],
    methods: ['POST'],
    action: 'start',
    first: [10],
    poll: [10],
  },
  {
    types: [`${compute}virtualmachines`],
    methods: ['POST'],
    action: 'powerOff',
    first: 'none',
    poll: 'none',
  },
  {
    types: [`${compute}virtualmachines`],
    methods: ['POST'],
    action: 'restart',
    first: 'none',
    poll: 'none',
  },
  {
    types: [`${compute}virtualmachines`],
    methods: ['POST'],
    action: 'runCommand',
    first: 'none',
    poll: 'none',
  },
  { types: [`${compute}virtualmachines`], methods: ['DELETE'], first: [10], poll: [10, 30] },
];

/** A request that started an operation, as far as its Retry-After depends on it. */
export interface Started {
  readonly method: string;
  readonly target: Target;
}

/** Checks the Retry-After of the first answer to a write. */
export function checkFirst(started: Started, status: number, local: Headers): Difference[] {
  const rule = ruleFor(started);
  if (rule === undefined || status >= 300) return [];
  const creates = status === 201 || status === 202 || local.has('azure-asyncoperation');
  return check(creates ? rule.first : 'none', local);
}

/** Checks the Retry-After of a poll: absent once the operation has ended. */
export function checkPoll(started: Started, answer: unknown, local: Headers): Difference[] {
  const rule = ruleFor(started);
  if (rule === undefined) return [];
  return check(textAt(answer, 'status') === 'InProgress' ? rule.poll : 'none', local);
}

function ruleFor({ method, target }: Started): Rule | undefined {
  return rules.find(
    (rule) =>
      rule.types.includes(target.type.toLowerCase()) &&
      rule.methods.includes(method) &&
      rule.action?.toLowerCase() === target.action?.toLowerCase(),
  );
}

function check(expected: readonly number[] | 'none', local: Headers): Difference[] {
  const actual = local.get('retry-after');
  const isRight =
    expected === 'none' ? actual === null : actual !== null && expected.includes(Number(actual));
  if (isRight) return [];
  const recorded = expected === 'none' ? 'absent' : expected.join(' or ');
  return [{ kind: 'retry-after', where: 'retry-after', recorded, local: actual ?? 'absent' }];
}
