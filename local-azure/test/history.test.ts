/** What changed in the services over the years, by the clock. */
import { describe, expect, it } from 'vitest';
import { manualClock } from '../src/clock.ts';
import { Bench, fromMachine, machineId, osDiskId, version } from './gallery.ts';

const location = 'westeurope';
const copy = {
  location,
  properties: { creationData: { createOption: 'Copy', sourceResourceId: osDiskId } },
};

/** A local Azure in this year. */
const at = (time: string) => new Bench([], { clock: manualClock(Date.parse(time)) });

describe('an answer', () => {
  it.each([
    ['2018-06-01', false, false],
    ['2019-06-01', false, false],
    ['2022-01-01', true, false],
    ['2023-01-01', true, true],
  ])(
    'of the VM service in %s has p=: %s, a notification: %s',
    async (time, partition, notified) => {
      const first = await at(time).send('POST', `${machineId}/powerOff`, undefined, '2018-04-01');
      const poll = new URL(first.headers.get('azure-asyncoperation') ?? '');
      expect(poll.searchParams.has('p')).toBe(partition);
      expect(first.headers.has('azure-asyncnotification')).toBe(notified);
    },
  );

  it.each([
    ['2020-11-01', false],
    ['2021-11-01', true],
  ])('of the disk service in %s has p=: %s', async (time, partition) => {
    const first = await at(time).send('PUT', 'snapshots/s', copy, '2020-05-01');
    const poll = new URL(first.headers.get('azure-asyncoperation') ?? '');
    expect(poll.searchParams.has('p')).toBe(partition);
  });

  it.each([
    ['2024-01-01', null],
    ['2026-01-01', 'Enabled'],
  ])('of the gallery service in %s notifies: %s', async (time, notified) => {
    const first = await at(time).send('PUT', version('1.0.0'), fromMachine(), '2023-07-03');
    expect(first.headers.get('azure-asyncnotification')).toBe(notified);
  });

  it.each([
    ['2023-09-01', /^Microsoft.Compute\/DeleteVM3Min;\d+,Microsoft.Compute\/DeleteVM30Min;/],
    ['2024-01-01', /Microsoft.Compute\/DeleteVMResource;11$/],
  ])('in %s tells of the limits there were', async (time, limits) => {
    const first = await at(time).send('DELETE', machineId, undefined, '2022-11-01');
    expect(first.headers.get('x-ms-ratelimit-remaining-resource')).toMatch(limits);
  });

  it.each([
    ['2024-01-01', '1199'],
    ['2025-01-01', '199'],
  ])('in %s tells of so many writes: %s', async (time, left) => {
    const first = await at(time).send('PATCH', machineId, { tags: {} }, '2022-11-01');
    expect(first.headers.get('x-ms-ratelimit-remaining-subscription-writes')).toBe(left);
  });
});
