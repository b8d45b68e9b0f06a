/** What the proof that an image works costs, in emulated seconds from a ready VM. */
import type { CaptureRequest } from '../../src/domain/request.ts';
import { capture, fakeClock, localAzure, verifySettings } from '../../test/scenarios/harness.ts';

const THREE = [{ name: 'westeurope' }, { name: 'northeurope' }, { name: 'eastus2' }];

async function runOf(asked: Partial<CaptureRequest>, verified: boolean) {
  using _clock = fakeClock();
  const azure = localAzure({ throttling: true });
  const verify = verified ? { verify: verifySettings(azure, { script: 'exit 0' }) } : {};
  const run = await capture(azure, { request: { ...asked, ...verify } });
  if (run.failure) throw run.failure;
  return run;
}

const secondsOf = async (asked: Partial<CaptureRequest>, verified: boolean) =>
  (await runOf(asked, verified)).seconds;

/** Until the verdict of an ephemeral run (at most: all but the last deletion), its end, and until a version is in `latest`. */
export async function verification() {
  const cost = async (regions: readonly { name: string }[]) => ({
    unverified: await secondsOf({ regions }, false),
    verified: await secondsOf({ regions }, true),
  });
  const { seconds, heard } = await runOf({ ephemeral: true, excludeFromLatest: true }, true);
  const verdict = seconds - (heard.took.get('delete') ?? 0);
  return { ephemeral: { verdict, end: seconds }, one: await cost([]), three: await cost(THREE) };
}
