/** What a process of many days keeps: the newest, and no more than that. */
import { describe, expect, it } from 'vitest';
import { forgetOldest } from '../src/bounded.ts';
import { Issued, MOST_SECRETS } from '../src/issued.ts';
import { MOST_BODY, MOST_REQUESTS, Requests } from '../src/requests.ts';

describe('requests', () => {
  it('are the newest ones, in order', () => {
    const requests = new Requests();
    const count = MOST_REQUESTS * 3;
    for (let each = 0; each < count; each++)
      requests.arrive(0, 'GET', new URL(`https://azure.test/${each}`));
    const kept = requests.all();
    expect(kept.length).toBe(MOST_REQUESTS);
    expect(kept[0]?.path).toBe(`/${count - MOST_REQUESTS}`);
    expect(kept.at(-1)?.path).toBe(`/${count - 1}`);
  });

  it('lose their bodies, oldest first, when those are too large together', () => {
    const requests = new Requests();
    const text = JSON.stringify('x'.repeat(4 * 1024 * 1024 - 2));
    const most = MOST_BODY / text.length;
    for (let each = 0; each < most + 3; each++) {
      const entry = requests.arrive(0, 'PUT', new URL(`https://azure.test/${each}`));
      requests.keep(entry, text, 'application/json');
    }
    const bodies = requests.all().map(({ body }) => body !== undefined);
    expect(bodies).toEqual([false, false, false, ...Array(most).fill(true)]);
  });

  it('take up nothing once they are forgotten', () => {
    const requests = new Requests();
    const text = 'x'.repeat(MOST_BODY);
    requests.keep(requests.arrive(0, 'PUT', new URL('https://azure.test/1')), text, null);
    requests.clear();
    const entry = requests.arrive(0, 'PUT', new URL('https://azure.test/2'));
    requests.keep(entry, text, null);
    expect(requests.all()).toMatchObject([{ path: '/2', body: text }]);
  });
});

it('secrets are the newest ones', async () => {
  const issued = new Issued();
  const signatures = Array.from({ length: MOST_SECRETS + 5 }, (_, each) => `signature${each}`);
  const text = signatures.map((each) => `https://blob.test/?sig=${each}`).join(' ');
  await issued.note(new Response(text));
  expect(issued.all().length).toBe(MOST_SECRETS);
  expect(issued.all()[0]).toBe('signature5');
});

it('the oldest go first', () => {
  const map = new Map([1, 2, 3].map((each) => [each, each]));
  forgetOldest(map, 2);
  expect([...map.keys()]).toEqual([2, 3]);
});
