import { expect, it } from 'vitest';
import type { PowerState } from '../../../src/domain/vm.ts';
import { listen } from '../../../src/run/steps/deprovision-console.ts';
import type { Work } from '../../../src/run/steps/deprovision-work.ts';
import { fakeClock } from '../../scenarios/harness.ts';
import { vm } from '../worlds.ts';

const NONCE = '0a1b2c3d-4e5f';
const complete = (count: number) =>
  `azure-golden-image[${NONCE}] complete boot=c9a5ec42 count=${count}\r\n`;
const HELLO = `azure-golden-image[${NONCE}] hello boot=c9a5ec42 count=5\r\n`;
const SCHEDULED = 'azure-golden-image: hello boot=c9a5ec42 count=5 console=written state=scheduled';

/** Listens for what an earlier attempt has begun: gives how that ends, and the scripts that were sent. */
async function listenAgain(
  timeoutSeconds: number,
  at: (seconds: number) => { readonly power: PowerState; readonly text: string },
  commandSeconds = 30,
) {
  using _clock = fakeClock();
  const began = Date.now();
  const now = () => at((Date.now() - began) / 1000);
  const scripts: string[] = [];
  const look = async () => vm({ power: now().power });
  const work = {
    step: { vm: vm().id, osType: 'Linux', timeoutSeconds },
    context: {
      signal: new AbortController().signal,
      target: { owner: 'owner' },
      compute: {
        serialLog: async () => ({ text: now().text }),
        runScript: async (_: string, script: string) => {
          scripts.push(script);
          await new Promise((done) => setTimeout(done, commandSeconds * 1000));
          return SCHEDULED;
        },
      },
    },
    nonce: NONCE,
    say: () => undefined,
    vm: look,
    recentVm: look,
  } as unknown as Work;
  return { end: await listen(work, 'again'), scripts };
}

it('hears what a silent guest does while it is asked at the end of its time', async () => {
  const { end, scripts } = await listenAgain(181, (seconds) =>
    seconds < 200 ? { power: 'running', text: '' } : { power: 'stopped', text: complete(9) },
  );
  expect([end, scripts.length]).toEqual(['proven', 1]);
});

it('gives a guest that was off, and is on again, its time before it is asked', async () => {
  const { end, scripts } = await listenAgain(1800, (seconds) => ({
    power: seconds < 300 ? 'stopped' : 'running',
    text: [360, 390].map((since) => (seconds < since ? '' : complete(since))).join(''),
  }));
  expect([end, scripts.length]).toEqual(['proven', 0]);
});

it('takes the word of a guest without an order from the console, where Run Command is slow', async () => {
  const at = (seconds: number) => ({ power: 'running', text: seconds < 190 ? '' : HELLO }) as const;
  expect((await listenAgain(1800, at, 600)).end).toBe('anew');
});
