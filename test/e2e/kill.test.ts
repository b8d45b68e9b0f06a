import { describe, expect, it } from 'vitest';
import { lasting } from '../crash/lasting.ts';
import type { ActionRun } from '../runner/run-action.ts';
import { slice } from '../runner/slice.ts';
import { requestSeen, type Stage, stage } from './harness.ts';

const INPUTS = { snapshot: 'true' };

/** Where the bundle is killed: when Azure has this request, before or after it acts on it. */
const POINTS = [
  ['the token', 'POST', '**/oauth2/v2.0/token', 'before'],
  ['a snapshot', 'PUT', '**/snapshots/*', 'before'],
  ['a snapshot', 'PUT', '**/snapshots/*', 'after'],
  ['the tag of the VM', 'PATCH', '**/virtualMachines/*', 'after'],
  ['Run Command', 'POST', '**/runCommand', 'before'],
  ['Run Command', 'POST', '**/runCommand', 'after'],
  ['deallocate', 'POST', '**/deallocate', 'after'],
  ['generalize', 'POST', '**/generalize', 'before'],
  ['generalize', 'POST', '**/generalize', 'after'],
  ['the version', 'PUT', '**/versions/*', 'before'],
  ['the version', 'PUT', '**/versions/*', 'after'],
] as const;

/** What an undisturbed run leaves: nothing else may come of a killed one and the next. */
const undisturbed = (async () => {
  await using local = await stage(600);
  return await outcomeOf(local, await local.run(INPUTS));
})();

describe('a bundle killed by SIGKILL', () => {
  it.each(slice(POINTS, 2))(
    'at %s (%s %s), %s it took effect, converges',
    async (_, method, path, when) => {
      await using local = await stage(600);
      if (when === 'before') await local.misfortune(method, path, { hang: true });
      const seen = () => requestSeen(local, method, path, when === 'after');
      const killed = await local.run(INPUTS, { signalAt: { seen, signal: 'SIGKILL' } });
      expect(killed.exitCode).toBeNull();
      expect(killed.post.exitCode).toBe(0);
      await local.control.clearFaults();
      const again = await local.run(INPUTS);
      expect(again.exitCode).toBe(0);
      expect(await outcomeOf(local, again)).toEqual(await undisturbed);
    },
  );
});

it('does nothing in post where it was killed before it had begun', async () => {
  await using local = await stage(600);
  const killed = await local.run(INPUTS, {
    signalAt: { seen: () => Promise.resolve(), signal: 'SIGKILL' },
  });
  expect(killed).toMatchObject({ exitCode: null, post: { exitCode: 0, log: '' } });
  expect(await local.control.requests()).toEqual([]);
});

async function outcomeOf({ control }: Stage, { outputs }: ActionRun) {
  await control.advance(3600);
  const { changed: _, plan: __, ...lastingOutputs } = outputs;
  return { world: lasting(await control.world()), outputs: lasting(lastingOutputs) };
}
