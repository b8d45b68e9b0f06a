import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StepLog } from '../../../src/github/step-log.ts';

function logged(use: (log: StepLog) => void): string[] {
  const lines: string[] = [];
  use(new StepLog((line) => lines.push(line)));
  return lines;
}

describe('a step', () => {
  test('is a group with its lines, and its end below it', () => {
    const lines = logged((log) => {
      log.open('a', 'Do A');
      log.say('a', 'one');
      log.close('a', '✓ Do A');
    });
    expect(lines).toEqual(['::group::Do A', 'one', '::endgroup::', '✓ Do A']);
  });

  test('may come again in a later round', () => {
    const lines = logged((log) => {
      for (const round of ['1', '2']) {
        log.open('a', round);
        log.close('a', `end ${round}`);
      }
    });
    expect(lines).toEqual([
      '::group::1',
      '::endgroup::',
      'end 1',
      '::group::2',
      '::endgroup::',
      'end 2',
    ]);
  });

  test('that is not open says nothing', () => {
    const lines = logged((log) => {
      log.say('a', 'early');
      log.close('a', 'early');
    });
    expect(lines).toEqual([]);
  });
});

describe('steps that run at once', () => {
  test('wait for the open group, then go on where they are', () => {
    const lines = logged((log) => {
      log.open('a', 'A');
      log.open('b', 'B');
      log.say('b', 'b1');
      log.say('a', 'a1');
      log.close('a', 'end A');
      log.say('b', 'b2');
      log.close('b', 'end B');
    });
    const a = ['::group::A', 'a1', '::endgroup::', 'end A'];
    expect(lines).toEqual([...a, '::group::B', 'b1', 'b2', '::endgroup::', 'end B']);
  });

  test('in any interleaving never nest, and lose and mix no line', () => {
    const ids = ['a', 'b', 'c', 'd'] as const;
    const order = fc.shuffledSubarray(
      ids.flatMap((id) => [id, id, id, id]),
      { minLength: 16 },
    );
    fc.assert(
      fc.property(order, (turns) => {
        const turn = new Map<string, number>();
        const lines = logged((log) => {
          for (const id of turns) {
            const nth = turn.get(id) ?? 0;
            turn.set(id, nth + 1);
            if (nth === 0) log.open(id, id);
            else if (nth === 3) log.close(id, `end ${id}`);
            else log.say(id, `${id}${nth}`);
          }
        });
        const groups = lines.join('\n').split(/(?<=end .)\n/);
        const whole = ids.map((id) => `::group::${id}\n${id}1\n${id}2\n::endgroup::\nend ${id}`);
        expect([...groups].sort()).toEqual(whole);
      }),
    );
  });
});
