import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock, Timeline } from '../src/clock.ts';
import { ArmError } from '../src/errors.ts';
import { Throttle } from '../src/throttle.ts';

const GROUP = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute';
const VM = `${GROUP}/virtualMachines/v`;
const GALLERY = `${GROUP}/galleries/g`;
const POLL = '/subscriptions/s/providers/Microsoft.Compute/locations/westeurope';

let clock: ReturnType<typeof manualClock>;
let throttle: Throttle;
beforeEach(() => at('2025-11-22T09:00:00Z'));

function at(time: string): void {
  clock = manualClock(Date.parse(time));
  throttle = new Throttle(new Timeline(clock));
}

/** The headers of an answer, or of the refusal. */
function draw(method: string, path: string, principal = 'a') {
  try {
    return { status: 200, headers: throttle.draw(method, path, principal), body: undefined };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return error;
  }
}

const left = (method: string, path: string) =>
  draw(method, path).headers['x-ms-ratelimit-remaining-resource']?.replaceAll(
    'Microsoft.Compute/',
    '',
  );

const times = (count: number, method: string, path: string, principal = 'a') =>
  Array.from({ length: count }, () => draw(method, path, principal));

describe('a bucket of a VM', () => {
  it('gets four tokens at the end of each minute since its first request', () => {
    expect(times(12, 'PATCH', VM).every(({ status }) => status === 200)).toBe(true);
    const refused = draw('PATCH', VM);
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'OperationNotAllowed', details: [{ target: 'UpdateVMResource' }] },
      headers: {
        'retry-after': '60',
        'x-ms-ratelimit-remaining-resource':
          'Microsoft.Compute/UpdateVMSubscriptionMaximum;1488,Microsoft.Compute/UpdateVMResource;0',
      },
    });
    clock.advance(59);
    expect(draw('PATCH', VM).headers['retry-after']).toBe('1');
    clock.advance(1);
    expect(times(5, 'PATCH', VM).map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
  });

  it('is as recorded: as it was after 33 seconds, refilled after 71', () => {
    const seen = [left('PUT', `${VM}/runCommands/c`)];
    clock.advance(33);
    seen.push(left('PATCH', `${VM}/runCommands/c`));
    clock.advance(38);
    seen.push(left('DELETE', `${VM}/runCommands/c`));
    expect(seen.map((header) => header?.split(';').at(-1))).toEqual(['11', '10', '11']);
  });

  it('is of one VM, and deallocation has another than generalization', () => {
    times(12, 'POST', `${VM}/generalize`);
    expect(draw('POST', `${VM}/start`).status).toBe(429);
    expect(draw('POST', `${VM}/deallocate`).status).toBe(200);
    expect(draw('POST', `${VM}2/generalize`).status).toBe(200);
  });

  it('for polls is of one operation: 45, then 15 a minute', () => {
    const poll = `${POLL}/operations/1`;
    const statuses = times(46, 'GET', poll).map(({ status }) => status);
    expect(statuses.indexOf(429)).toBe(45);
    expect(left('GET', `${POLL}/operations/2`)).toMatch(/^GetOperationResource;44,/);
    clock.advance(60);
    expect(left('GET', poll)).toMatch(/^GetOperationResource;14,/);
  });
});

describe('a window of the gallery service', () => {
  it('counts what is younger than three and thirty minutes', () => {
    const versions = `${GALLERY}/images/d/versions/1.0.0`;
    expect(left('PUT', versions)).toBe(
      'CreateUpdateGalleryImageVersion3Min;374,CreateUpdateGalleryImageVersion30Min;1199',
    );
    clock.advance(100);
    expect(left('PUT', versions)).toMatch(/3Min;373,.*30Min;1198$/);
    clock.advance(80);
    expect(left('PUT', versions)).toMatch(/3Min;373,.*30Min;1197$/);
    clock.advance(1800);
    expect(left('PUT', versions)).toMatch(/3Min;374,.*30Min;1199$/);
  });

  it('asks to wait until its oldest request is too old', () => {
    const share = `${GALLERY}/share`;
    draw('POST', share);
    clock.advance(30);
    times(9, 'POST', share);
    expect(draw('POST', share).headers['retry-after']).toBe('150');
    for (let round = 0; round < 5; round++) {
      clock.advance(180);
      times(10, 'POST', share);
    }
    clock.advance(180);
    expect(draw('POST', share)).toMatchObject({
      body: { details: [{ target: 'PostShareGallery30Min' }] },
      headers: { 'retry-after': String(1800 - 30 - 6 * 180) },
    });
  });
});

describe('the limits of ARM itself', () => {
  const network = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces';

  it('count down for each principal, and refill every second', () => {
    const first = draw('GET', network).headers;
    expect(first).toEqual({
      'x-ms-ratelimit-remaining-subscription-reads': '249',
      'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
    });
    times(249, 'GET', network);
    expect(draw('GET', network)).toMatchObject({
      status: 429,
      body: {
        code: 'SubscriptionRequestsThrottled',
        message: expect.stringContaining("'read' requests for subscription 's' actor 'a' exceeded"),
      },
      headers: { 'retry-after': '1', 'x-ms-failure-cause': 'gateway' },
    });
    expect(draw('GET', network, 'b').headers).toEqual({
      'x-ms-ratelimit-remaining-subscription-reads': '249',
      'x-ms-ratelimit-remaining-subscription-global-reads': '3499',
    });
    expect(draw('GET', network.replace('/s/', '/t/')).status).toBe(200);
    clock.advance(1);
    expect(times(26, 'GET', network).map(({ status }) => status)).toEqual([
      ...Array(25).fill(200),
      429,
    ]);
  });

  it('refuse the sixteenth who uses up everything', () => {
    for (let who = 0; who < 15; who++) times(200, 'DELETE', network, String(who));
    expect(draw('DELETE', network, 'late').status).toBe(429);
  });

  it('take nothing when the provider refuses', () => {
    times(12, 'PATCH', VM);
    times(20, 'PATCH', VM);
    expect(draw('PUT', network).headers['x-ms-ratelimit-remaining-subscription-writes']).toBe(
      '187',
    );
  });

  it('were 1,200 writes an hour before 2024', () => {
    at('2022-12-23T08:00:00Z');
    expect(draw('PUT', network).headers).toEqual({
      'x-ms-ratelimit-remaining-subscription-writes': '1199',
    });
  });
});
