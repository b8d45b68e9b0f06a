import { describe, expect, it } from 'vitest';
import { mistakes, read } from './assignments.ts';

const PRUNE = { operation: 'prune', 'older-than': '90d', 'usage-subscriptions': 'none', vm: '' };

const saidOf = (text: string) => mistakes(() => read({ ...PRUNE, 'keep-tags': text }));

describe('keep-tags', () => {
  it.each([
    'keep',
    'keep = true',
    'keep=',
    'owner=a, b',
    'team images=a:b',
    'env:stage=prod\nkeep',
    'hidden-link:/subscriptions/x=Resource',
  ])('%j is read', (text) => expect(saidOf(text)).toEqual([]));

  it.each([
    '- keep=true',
    '[keep=true]',
    '{"keep":"true"}',
    'keep: true',
    'keep:',
    'keep, hold',
    'keep=true, hold=true',
    '"keep"=true',
    "keep='true'",
    'keep*',
    'keep=*',
    '# keep',
  ])('%j, which would keep nothing, is a mistake', (text) =>
    expect(saidOf(text)).toEqual([expect.stringContaining(`line "${text}" reads like`)]),
  );
});
