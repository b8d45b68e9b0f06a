import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { allReads } from '../../../src/run/reading.ts';

const failed = (what: string, kind: Failure['kind'] = 'refused') =>
  Promise.reject(
    new Failure({
      kind,
      what,
      why: `Azure says: ${what}`,
      remedy: 'Ask.',
      code: 'AuthorizationFailed',
    }),
  );

describe('reads together', () => {
  it('come to what each comes to, in their order', async () => {
    const late = new Promise<string>((done) => setTimeout(done, 5, 'late'));
    expect(await allReads([late, Promise.resolve(2), undefined])).toEqual(['late', 2, undefined]);
  });

  it('tell every refusal, one after the other', async () => {
    const thrown = await allReads([
      failed('no VM'),
      Promise.resolve(1),
      failed('no gallery'),
    ]).catch((failure: unknown) => failure);
    expect(thrown).toMatchObject({
      kind: 'refused',
      code: 'AuthorizationFailed',
      remedy: 'Ask.',
      what: 'Azure refused 2 reads:\n- no VM Azure says: no VM\n- no gallery Azure says: no gallery',
    });
  });

  it('list the rights, where rights are all that is missing', async () => {
    const lacks = (action: string) =>
      new Failure({
        kind: 'refused',
        what: 'No.',
        why: `The identity (object ID \`i\`) lacks \`${action}\` on \`s\`.`,
      });
    const thrown = await allReads([
      Promise.reject(lacks('a/read')),
      Promise.reject(lacks('b/read')),
    ]).catch((failure: unknown) => failure);
    expect(thrown).toMatchObject({
      what: 'Azure refused 2 reads. The identity (object ID `i`) lacks these rights:\n- `a/read` on `s`\n- `b/read` on `s`',
    });
  });

  it('tell what is refused twice once', async () => {
    const twice = allReads([failed('no VM'), failed('no gallery'), failed('no VM')]);
    await expect(twice).rejects.toMatchObject({
      what: expect.stringMatching(/^Azure refused 2 reads:(\n- no \w+ Azure says: no \w+){2}$/),
    });
    await expect(allReads([failed('no VM'), failed('no VM')])).rejects.toMatchObject({
      what: 'no VM',
    });
  });

  it('tell a single refusal as it is', async () => {
    await expect(allReads([failed('no VM'), Promise.resolve(1)])).rejects.toMatchObject({
      what: 'no VM',
    });
  });

  it('tell what is no refusal first', async () => {
    const reads = [failed('no VM'), failed('cancelled', 'cancelled'), failed('no gallery')];
    await expect(allReads(reads)).rejects.toMatchObject({ what: 'cancelled' });
  });
});
