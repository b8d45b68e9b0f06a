/** Bad input to what a local Azure has beside ARM: its controls, Entra, GitHub. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BadClient, codeOf, compute, expectAzuresShape, seed, visible } from './bad-input.ts';

let client: BadClient;

beforeAll(async () => {
  client = await BadClient.start();
});
afterEach(() => client.expectWell());
afterAll(() => client.stop());

const vm = compute('virtualMachines/build-linux');

describe('the controls', () => {
  it.each([
    ['PUT', 'world', ''],
    ['PUT', 'world', '{}'],
    ['PUT', 'world', '[7]'],
    ['PUT', 'world', '[{"id": 7}]'],
    ['PUT', 'world', '[{"id": "/elsewhere"}]'],
    ['PUT', 'world', JSON.stringify([{ id: vm, properties: 7 }])],
    ['PUT', 'world', JSON.stringify([{ id: vm, type: {} }])],
    ['POST', 'faults', 'x'],
    ['POST', 'faults', '{}'],
    ['POST', 'faults', '{"match": {"path": ""}, "then": {"reset": true}}'],
    ['POST', 'faults', '{"match": {"path": "**", "method": 7}, "then": {"reset": true}}'],
    ['POST', 'faults', '{"match": {"path": "**"}, "then": {"status": 99}}'],
    ['POST', 'faults', '{"match": {"path": "**"}, "then": {"status": 204, "body": {}}}'],
    [
      'POST',
      'faults',
      '{"match": {"path": "**"}, "then": {"status": 500, "headers": {"a\\n": "b"}}}',
    ],
    ['POST', 'faults', '{"match": {"path": "**"}, "then": {"status": 500, "headers": {"a": 7}}}'],
    ['POST', 'faults', '{"match": {"path": "**"}, "then": {"reset": true, "hang": true}}'],
    ['POST', 'faults', `{"match": {"path": "${'*'.repeat(70_000)}"}, "then": {"reset": true}}`],
    ['POST', 'clock', '{"advanceSeconds": -1}'],
    ['POST', 'clock', '{"advanceSeconds": 1e300}'],
    ['POST', 'clock', '{"advanceSeconds": "1"}'],
  ])('refuse nonsense: %s %s %s', async (method, control, body) => {
    const answer = await client.send(method, `/_local/${control}`, { body });
    expectAzuresShape(answer);
    expect(answer.status).toBe(400);
  });

  it('keep a world whose resources leave out what they may', async () => {
    const bare = [{ id: vm }, { id: `${vm}2`, properties: null, name: null }];
    expect((await client.send('PUT', '/_local/world', { body: JSON.stringify(bare) })).status).toBe(
      204,
    );
    for (const path of [vm, `${vm}/instanceView`, compute('virtualMachines'), `${vm}2`])
      expect((await client.send('GET', `${path}?api-version=2024-07-01`)).status).toBe(200);
    await client.reset();
  });
});

describe('what is not ARM', () => {
  it('Entra answers in its own shape', async () => {
    const { tenantId } = client.azure.started;
    const form = fc.oneof(
      fc.string(),
      fc
        .dictionary(
          fc.constantFrom(
            'grant_type',
            'client_id',
            'client_assertion',
            'client_secret',
            'scope',
            'client_assertion_type',
            '__proto__',
          ),
          fc.oneof(
            fc.string(),
            fc.constantFrom(
              'client_credentials',
              client.azure.started.clientId,
              'a.b.c',
              'e30.e30.e30',
            ),
          ),
          { noNullPrototype: true },
        )
        .map(String),
      fc
        .record({
          client_assertion: fc
            .jsonValue()
            .map((value) => `e30.${Buffer.from(JSON.stringify(value)).toString('base64url')}.e30`),
        })
        .map((parts) =>
          String(
            new URLSearchParams({
              grant_type: 'client_credentials',
              client_id: client.azure.started.clientId,
              ...parts,
            }),
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(
        form,
        fc.constantFrom(tenantId, 'common', 'nobody'),
        async (body, tenant) => {
          const answer = await client.azure.call('POST', `/${tenant}/oauth2/v2.0/token`, { body });
          expect([400, 401]).toContain(answer.status);
          expect(JSON.parse(answer.text)).toMatchObject({
            error: expect.stringMatching(/^[a-z_]+$/),
            error_description: expect.stringMatching(/^AADSTS\d+: /),
          });
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  it('GitHub answers in its own shape', async () => {
    const token = `Bearer ${client.azure.started.env.GITHUB_TOKEN}`;
    const header = fc.oneof(
      visible,
      fc.constantFrom(token, 'token __proto__', 'token constructor', ''),
    );
    const path = fc.constantFrom(
      '/github/repos/o/r/issues/1/comments?per_page=x&page=-1',
      '/github/repos/o/r/issues/comments/x',
      '/github/repos/__proto__/constructor/issues/x/comments',
      '/github/graphql',
      '/actions/idtoken',
    );
    const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE');
    const body = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify({ body: value })),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(method, path, header, body, async (verb, url, authorization, text) => {
        const sent = { headers: { authorization }, ...(verb === 'GET' ? {} : { body: text }) };
        const answer = await client.azure.call(verb, url, sent);
        if (answer.status === 501) expect(codeOf(answer)).toBe('NotModelled');
        else expect(answer.status, answer.text).toBeLessThan(500);
        if (answer.status >= 400 && answer.status < 500)
          expect(JSON.parse(answer.text).message).toEqual(expect.stringMatching(/\S/));
      }),
      { seed, numRuns: 200 },
    );
  });
});
