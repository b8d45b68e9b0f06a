import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { objectAt, objectsAt } from '../../local-azure/src/json.ts';
import { deprovisionMark } from '../../src/domain/deprovision-mark.ts';
import { VERIFICATION_TAG } from '../../src/domain/verification.ts';
import { buildVm, capture, fakeClock, localAzure, type Run } from '../scenarios/harness.ts';
import { isSurvived } from './fates.ts';
import { differing, lasting } from './lasting.ts';
import { type Blow, Network, type SentRequest } from './network.ts';
import { rememberedGuests } from './remembered-guest.ts';
import { addBystanders, type Variant } from './variants.ts';

/** What a run left: the world, and what it put out; both without what differs in every run. */
export interface Outcome {
  readonly world: string;
  readonly outputs: string;
}

/** A run without any trouble: the measure of all others. */
export interface Undisturbed extends Outcome {
  readonly requests: readonly SentRequest[];
}

/** Emulated seconds between the end of an attempt and the next one. */
const UNTIL_RERUN = 20;
/** Emulated seconds until Azure has nothing left to do. */
const AFTERWARDS = 3 * 3600;
/** An attempt may take as long as `timeout-minutes` allows by default. */
const LONGEST = 330 * 60;

const wait = (seconds: number) => new Promise<void>((done) => setTimeout(done, seconds * 1000));

/** A single blow fell on nothing. */
export const MISSED: string[] = ['the blow fell on nothing'];

/** Runs a variant once, undisturbed. */
export async function undisturbed(variant: Variant): Promise<Undisturbed> {
  using _clock = fakeClock();
  const azure = await stage(variant);
  const { run, network } = await attempt(azure, variant, []);
  if (run?.failure) throw run.failure;
  if (!run) throw new Error('The undisturbed run did not end');
  return { ...(await outcomeOf(azure, run)), requests: network.sent };
}

/**
 * Runs a variant with these blows, one list for each attempt, then once more without any.
 *
 * @returns what is wrong; empty when the end is the same as without the blows; `MISSED` when the
 *   only attempt with blows had none of the requests that they waited for
 */
export async function trial(
  variant: Variant,
  measure: Outcome,
  attempts: readonly (readonly Blow[])[],
): Promise<string[]> {
  using _clock = fakeClock();
  const azure = await stage(variant);
  const wrong: string[] = [];
  for (const blows of attempts) {
    const { run, network, seconds } = await attempt(azure, variant, blows);
    if (attempts.length === 1 && network.hits === 0) return MISSED;
    wrong.push(...judgeAttempt(blows, run, seconds));
    wrong.push(...vmIsSafe(azure, variant));
    if (/verif|boots/.test(variant.name)) wrong.push(...unprovenInLatest(azure));
    await wait(UNTIL_RERUN);
  }
  const { run } = await attempt(azure, variant, []);
  if (!run) return [...wrong, 'the last attempt did not end'];
  if (run.failure) return [...wrong, `the last attempt failed: ${run.failure.message}`];
  const { world, outputs } = await outcomeOf(azure, run);
  if (outputs !== measure.outputs) wrong.push(differing('outputs', measure.outputs, outputs));
  if (world !== measure.world) wrong.push(differing('world', measure.world, world));
  return wrong;
}

/** A world in which a variant can begin. */
export async function stage(variant: Variant): Promise<LocalAzure> {
  const azure = localAzure({ guests: rememberedGuests, ...variant.options });
  addBystanders(azure);
  await variant.prepare?.(azure);
  return azure;
}

/** One attempt, with what befalls its requests. */
export async function attempt(azure: LocalAzure, variant: Variant, blows: readonly Blow[]) {
  const network = new Network(azure, blows);
  const began = Date.now();
  const options = { httpClient: network, signal: network.cancel.signal };
  const run = await Promise.race([
    variant.attempt?.(azure, options) ??
      capture(azure, { ...options, request: variant.request(azure) }),
    network.abandoned.then(() => undefined),
    wait(LONGEST).then(() => undefined),
  ]);
  return { run, network, seconds: (Date.now() - began) / 1000 };
}

/** What must hold after a single attempt: it lived through what passes, and ended at once when told. */
function judgeAttempt(blows: readonly Blow[], run: Run | undefined, seconds: number): string[] {
  const fates = blows.map(({ fate }) => fate);
  if (!run && !fates.some(({ does }) => does === 'abandon'))
    return [`an attempt did not end within ${seconds} s`];
  if (run?.failure && fates.every(isSurvived))
    return [`an attempt died of what passes: ${run.failure.message}`];
  return [];
}

/**
 * Untouched, restorable from its snapshots, or captured. Where no snapshots were asked for, a VM
 * that its own owner has begun to change is only required to be what that owner can take up again.
 */
function vmIsSafe(azure: LocalAzure, variant: Variant): string[] {
  azure.settle();
  const { snapshot, vm: id = buildVm(azure) } = variant.request(azure);
  if (!snapshot) return [];
  const vm = azure.world.get(id);
  const view = JSON.stringify(vm?.properties.instanceView);
  const tags = (vm?.tags ?? {}) as Record<string, string>;
  const touched = !vm || deprovisionMark(tags) !== undefined || view.includes('generalized');
  if (!touched) return [];
  const all = azure.world.all();
  const captured = all.some(
    ({ id, properties }) =>
      /\/versions\/1\.0\.0$/.test(id) && properties.provisioningState !== 'Failed',
  );
  const taken = all.filter(
    ({ id, properties }) =>
      /\/snapshots\/build-\w+-(os|lun)/.test(id) &&
      !isOfEarlierRun(id) &&
      properties.provisioningState === 'Succeeded',
  );
  return captured || taken.length === 2 ? [] : ['the VM was changed without a way back'];
}

/** Whether a snapshot was there before: a variant repeats one letter in the owner of such a one. */
const isOfEarlierRun = (id: string): boolean => /-(\w)\1{19}bbbb$/.test(id);

/** Versions that are in `latest` somewhere, and have no record that they passed. */
function unprovenInLatest(azure: LocalAzure): string[] {
  return azure.world
    .all()
    .filter(({ id, tags, properties }) => {
      if (!/\/versions\/1\.0\.0$/.test(id)) return false;
      const profile = objectAt(properties, 'publishingProfile');
      const isIn = objectsAt(profile, 'targetRegions').some(
        (region) => (region.excludeFromLatest ?? profile.excludeFromLatest) !== true,
      );
      const record = (tags as Record<string, string> | undefined)?.[VERIFICATION_TAG] ?? '';
      return isIn && !record.startsWith('passed ');
    })
    .map(({ id }) => `${id} is in latest, and nothing proves it`);
}

async function outcomeOf(azure: LocalAzure, run: Run): Promise<Outcome> {
  await wait(AFTERWARDS);
  azure.settle();
  const { known, snapshots, replication } = run.heard;
  const { version, location, regions } = known ?? {};
  const ended = replication.map(({ region }) => region);
  const rows = regions?.map(({ name, replicas = 1 }) => ({ name, replicas }));
  return {
    world: lasting(azure.world.all()),
    outputs: lasting({ version, location, rows, snapshots, ended }),
  };
}
