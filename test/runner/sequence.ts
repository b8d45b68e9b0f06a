/** The order of the test files. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Their files wait for other processes half of the time: others fill the gaps. */
const WAITING = 'test/e2e/';
/** Those of the others that take longest, longest first. */
const LONG = ['test/crash/', 'test/contract/roles', 'test/guest/', 'test/scenarios/'];
/** So many others come after each that waits: that way the waiting ones do not come last. */
const OTHERS = 4;

/**
 * Mixes files that wait with files that compute, and begins with the long ones: no core is idle while
 * another has something left to do.
 */
export class MixedSequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waiting = sorted.filter(({ moduleId }) => moduleId.includes(WAITING));
    const others = sorted
      .filter(({ moduleId }) => !moduleId.includes(WAITING))
      .toSorted((one, other) => rank(one) - rank(other));
    const mixed = waiting.flatMap((file, index) => [
      file,
      ...others.slice(index * OTHERS, (index + 1) * OTHERS),
    ]);
    return [...mixed, ...others.slice(waiting.length * OTHERS)];
  }
}

function rank({ moduleId }: TestSpecification): number {
  const found = LONG.findIndex((part) => moduleId.includes(part));
  return found < 0 ? LONG.length : found;
}
