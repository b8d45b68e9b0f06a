/** What a verification says of images that do not boot, and of scripts that never report. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../local-azure/src/json.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { fakeClock, localAzure, verifyIt } from './harness.ts';
import { putVersion, storedVersionId } from './stored-version.ts';

let clock: Disposable;
beforeEach(() => {
  clock = fakeClock();
});
afterEach(() => clock[Symbol.dispose]());

/** Verifies a version whose guest the world describes; tells the verdict, and what is left. */
async function verdictOn(properties: JsonObject, script = 'echo fine') {
  const azure = localAzure();
  putVersion(azure, [{ name: 'West Europe' }]);
  const id = `${storedVersionId(azure)}/providers/LocalAzure/guests/default`;
  azure.world.put(asResource({ id, properties }));
  const { failure, told } = await verifyIt(azure, { script });
  azure.settle();
  const left = azure.world.all().filter((each) => /\/verify-[^/]*$/.test(each.id));
  return { verified: told.outputs.get('verified'), left, message: failure?.message ?? '' };
}

describe('a verification of an image', () => {
  it.each<[string, JsonObject, string]>([
    ['that never boots', { boots: false }, 'Kernel panic'],
    ['whose agent never reports', { agent: 'never' }, 'guest agent did not report'],
  ])('%s fails, and leaves nothing', async (_, said, phrase) => {
    const { verified, left, message } = await verdictOn(said);
    expect({ verified, left }).toEqual({ verified: 'false', left: [] });
    expect(message).toContain(phrase);
  });

  it('that boots slowly passes', async () => {
    expect(await verdictOn({ bootSeconds: 300 })).toMatchObject({ verified: 'true', left: [] });
  });
});

describe('a script', () => {
  it.each([
    ['that restarts the guest in its midst', 'reboot; sleep 100', 'its end was never reported'],
    ['that has no end', 'sleep infinity', 'ended with exit code 124'],
  ])('%s fails the image', async (_, script, phrase) => {
    const { verified, left, message } = await verdictOn({}, script);
    expect({ verified, left }).toEqual({ verified: 'false', left: [] });
    expect(message).toContain(phrase);
  });
});
