import { owns } from '../../domain/owner.ts';
import type { TargetRegion } from '../../domain/regions.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { Source } from '../../domain/source.ts';
import type { CaptureTarget } from '../../domain/target.ts';
import type { StepOf } from '../../plan/plan.ts';
import type { Bench, VersionOrder } from '../ports.ts';
import { StaleFacts } from '../stale-facts.ts';

/**
 * Sends the new version. There is no conditional PUT for versions, so the number is looked at
 * right before and right after: whoever's owner tag stands there then has won, the other takes
 * the next number (design §3, Owner).
 */
export async function publish(step: StepOf<'publish'>, bench: Bench) {
  await send(bench, order(bench.target, step.regions, false, step.source));
  bench.report.say(step, `Azure accepted it: ${step.version}`);
  bench.report.versionKnown(bench.target);
}

/** Sends the finished version once more, now with its deletion blocked. */
export const protect = (step: StepOf<'protect'>, bench: Bench): Promise<void> =>
  send(bench, order(bench.target, step.regions, true, undefined));

async function send({ compute, target }: Bench, version: VersionOrder): Promise<void> {
  const before = await compute.version(version.id);
  if (before && !owns(target.owner, before.tags)) throw overtaken(version.id);
  await compute.createVersion(version);
  const after = await compute.version(version.id);
  if (after && !owns(target.owner, after.tags)) throw overtaken(version.id);
}

const order = (
  { request, version, location, tags }: CaptureTarget,
  regions: readonly TargetRegion[],
  blockDeletionBeforeEndOfLife: boolean,
  source: Source | undefined,
): VersionOrder => ({
  id: version,
  location,
  regions,
  replicas: request.replicas,
  replicationMode: request.replicationMode,
  excludeFromLatest: request.excludeFromLatest,
  blockDeletionBeforeEndOfLife,
  tags,
  ...(source && { source }),
  ...(request.storageAccountType && { storageAccountType: request.storageAccountType }),
  ...(request.endOfLife && { endOfLife: request.endOfLife }),
});

const overtaken = (version: string) =>
  new StaleFacts(`another run made image version ${nameOf(version)} in the meantime`);
