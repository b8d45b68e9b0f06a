import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inProcessHttpClient } from '../../local-azure/src/in-process.ts';
import { Random } from '../../local-azure/src/random.ts';
import { OTHER_WAY } from '../../local-azure/src/unknowns.ts';
import { times } from '../runner/slice.ts';
import { cloneVm, fleet, throttled } from './fleet.ts';
import { buildVm, capture, fakeClock, localAzure } from './harness.ts';

const { random } = Math;
let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
  // The pauses of runs are spread by chance, and a run gives up after it has lost three numbers.
  const seeded = new Random(1);
  Math.random = () => seeded.next();
});
afterEach(() => {
  clock[Symbol.dispose]();
  Math.random = random;
});

describe('many captures at once in one subscription', () => {
  it('many into as many definitions all end right, and little later than one', async () => {
    const many = times(20, 50);
    const { azure, runs, seconds } = await fleet(many, many);
    expect(runs.flatMap(({ failure }) => failure ?? [])).toEqual([]);
    expect(seconds).toBeLessThan(1.2 * Math.min(...runs.map((run) => run.seconds)));
    // Looks slow down by what is left: what is refused is mostly the burst at the common start.
    expect(throttled(azure)).toBeLessThan(azure.requests.all().length / 20);
  });

  it('eight into one definition get a number each', async () => {
    const { runs } = await fleet(8, 1);
    expect(runs.flatMap(({ failure }) => failure ?? [])).toEqual([]);
    const numbers = runs.map(({ heard }) => heard.known?.version.split('/').at(-1));
    expect(numbers.toSorted()).toEqual(
      Array.from({ length: 8 }, (_, index) => `1.0.${index}`).toSorted(),
    );
  });
});

it.each([
  ['refused as busy', {}],
  ['queued, then refused for its source', OTHER_WAY],
])('a number that another run takes in the last instant is left to it: %s', async (_, unknowns) => {
  const azure = localAzure({ unknowns });
  const twin = cloneVm(azure, 'build-twin');
  const way = inProcessHttpClient(azure);
  let other: ReturnType<typeof capture> | undefined;
  const one = await capture(azure, {
    httpClient: {
      sendRequest: async (request) => {
        if (!other && request.method === 'PUT' && request.url.includes('/versions/')) {
          other = capture(azure, { runId: '2', request: { vm: twin } });
          while (!azure.world.all().some(({ id }) => id.endsWith('/versions/1.0.0')))
            await new Promise((done) => setTimeout(done, 1000));
        }
        return way.sendRequest(request);
      },
    },
  });
  const two = await other;
  expect([one.failure, two?.failure]).toEqual([undefined, undefined]);
  expect(two?.heard.known?.version).toMatch(/1\.0\.0$/);
  expect(one.heard.known?.version).toMatch(/1\.0\.1$/);
  expect(azure.world.get(buildVm(azure))).toBeDefined();
});
