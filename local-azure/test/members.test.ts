import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/json.ts';
import { Bench, fromMachine, version } from './gallery.ts';

describe('members that Azure does not know', () => {
  it('are refused by ARM itself at the top', async () => {
    const answer = await new Bench().send('PUT', version('1.0.0'), {
      ...fromMachine(),
      flavour: 1,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      error: {
        code: 'InvalidRequestContent',
        message: expect.stringContaining(
          "'Could not find member 'flavour' on object of type 'ResourceDefinition'. Path 'flavour', line 1",
        ),
      },
    });
  });

  const cases: readonly (readonly [string, string, JsonObject])[] = [
    ['properties.publishingProfile.regions', '2025-12-03', { publishingProfile: { regions: [] } }],
    [
      'properties.publishingProfile.targetRegions[0].zone',
      '2025-12-03',
      { publishingProfile: { targetRegions: [{ name: 'westeurope', zone: 1 }] } },
    ],
    [
      'properties.publishingProfile.storageAccountStrategy',
      '2024-03-03',
      { publishingProfile: { storageAccountStrategy: 'PreferStandard_ZRS' } },
    ],
  ];

  it.each(cases)('are refused by the provider: %s in %s', async (path, apiVersion, properties) => {
    const body = { location: 'westeurope', properties };
    const answer = await new Bench().send('PUT', version('1.0.0'), body, apiVersion);
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { error: { code: 'BadRequest', target: path } },
    ]);
  });
});
