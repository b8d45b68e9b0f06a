import { describe, expect, test } from 'vitest';
import { mistakes, read, requestOf } from './assignments.ts';

const RETURNS = { 'after-capture': 'restore', 'capture-from': 'disks', snapshot: 'true' };

describe('a VM that comes back after its capture', () => {
  test('is asked for, and its old disks stay unless they are to be deleted', () => {
    expect(requestOf(RETURNS)).toMatchObject({ afterCapture: 'restore' });
    expect(requestOf(RETURNS)).not.toHaveProperty('oldDisks');
    const inputs = { ...RETURNS, 'old-disks': 'delete' };
    expect(requestOf(inputs)).toMatchObject({ oldDisks: 'delete' });
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ ...RETURNS, snapshot: 'false' }, 'snapshot: true'],
    [{ ...RETURNS, 'capture-from': 'auto' }, 'capture-from: disks'],
    [{ ...RETURNS, 'replication-mode': 'Shallow' }, 'Shallow version depends'],
    [{ ...RETURNS, deprovision: 'never' }, 'deprovision: never'],
    [{ ...RETURNS, 'old-disks': 'delete', 'wait-for': 'home' }, 'wait-for: replicated'],
    [{ 'old-disks': 'delete' }, 'after-capture: restore'],
  ])('is refused with %j', (inputs, said) => {
    expect(mistakes(() => read(inputs)).join('\n')).toContain(said);
  });
});
