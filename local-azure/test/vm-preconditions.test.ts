/** Conditional writes of VMs. */
import { expect, it } from 'vitest';
import { type JsonObject, textAt } from '../src/json.ts';
import { Bench, machineId } from './gallery.ts';

const API = '2026-03-01';

async function sent(
  bench: Bench,
  condition: Record<string, string>,
  { method = 'PATCH', api = API } = {},
) {
  const url = `${bench.azure.endpoint}${machineId}?api-version=${api}`;
  const body = JSON.stringify({ tags: { by: 'us' } });
  const answer = await bench.azure.fetch(new Request(url, { method, headers: condition, body }));
  const error = (await answer.json()) as JsonObject;
  return [answer.status, textAt(error, 'error', 'code')];
}

it('a VM that is there is not made again on `If-None-Match: *`', async () => {
  const bench = new Bench();
  const put = { method: 'PUT' };
  expect(await sent(bench, { 'if-none-match': '*' }, put)).toEqual([412, 'PreconditionFailed']);
  expect(await sent(bench, { 'if-none-match': '"1"' }, put)).toEqual([400, 'BadRequest']);
  const since = async (api: string) =>
    (await sent(bench, { 'if-none-match': '*' }, { ...put, api }))[0];
  expect(await since('2023-09-01')).toBe(412);
  expect(await since('2023-07-01')).not.toBe(412);
});

it('a VM that another has changed is not overwritten on `If-Match`', async () => {
  const bench = new Bench();
  const etag = bench.azure.world.get(machineId)?.etag;
  expect((await sent(bench, { 'if-match': String(etag) }))[0]).toBe(200);
  expect(await sent(bench, { 'if-match': String(etag) })).toEqual([412, 'PreconditionFailed']);
  expect((await sent(bench, { 'if-match': '*' }))[0]).toBe(200);
});
