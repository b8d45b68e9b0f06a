import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, whyNotWritable, writeWhole } from '../../../src/github/files.ts';
import { readEvent } from '../../../src/github/workflow-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file to be made', () => {
  it('is written with the folders above it', () => {
    const file = join(folder, 'a/b/result.json');
    expect(whyNotWritable(file)).toBeUndefined();
    expect(writeWhole(file, '{}')).toBeUndefined();
    expect(writeWhole(file, '[]')).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('[]');
  });

  it.each([
    ['a folder', () => folder, 'a folder'],
    ['below a file', () => join(folder, 'file/x.json'), 'not a folder'],
    ['of the kernel', () => '/proc/version', 'kernel'],
    ['below the kernel’s', () => '/proc/nothing/x.json', 'kernel'],
    ['a device', () => '/dev/full', 'kernel'],
  ])('is refused with a reason: %s', (_, path, reason) => {
    writeFileSync(join(folder, 'file'), '');
    expect(whyNotWritable(path())).toContain(reason);
    expect(writeWhole(path(), 'x')).toContain(reason);
  });
});

describe('a file of the runner', () => {
  it('is added to', () => {
    const file = join(folder, 'OUTPUT');
    writeFileSync(file, 'a\n');
    expect(append(file, 'b\n')).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('a\nb\n');
  });

  it.each([
    ['missing', () => join(folder, 'none'), 'does not exist'],
    ['a folder', () => folder, 'a folder'],
    ['on a full disk', () => '/dev/full', 'ENOSPC'],
    ['of the kernel', () => '/proc/self/comm', 'kernel'],
  ])('gives the reason when it is %s', (_, path, reason) => {
    expect(append(path(), 'x')).toContain(reason);
  });
});

describe('an event', () => {
  const at = (text: string): string => {
    const file = join(folder, 'event.json');
    writeFileSync(file, text);
    return file;
  };
  it('is read', () => {
    expect(readEvent(at('\uFEFF{"a": 1}'))).toEqual({ payload: { a: 1 } });
    expect(readEvent(undefined)).toEqual({ payload: {} });
  });

  it.each(['{', '', 'null', '[]', '"x"', '<html>'])('that is %j is none, with a reason', (text) => {
    expect(readEvent(at(text))).toEqual({ payload: {}, problem: expect.any(String) });
  });

  it('in a folder, or nowhere, is none', () => {
    mkdirSync(join(folder, 'event'));
    expect(readEvent(join(folder, 'event')).problem).toContain('not a file');
    expect(readEvent(join(folder, 'none')).problem).toContain('ENOENT');
  });
});
