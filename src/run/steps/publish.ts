import { isOurs } from '../../domain/ownership.ts';
import { nameOf } from '../../domain/resource-id.ts';
import type { StepOf } from '../../plan/plan.ts';
import { type Interruption, stale } from '../interruption.ts';
import type { Bench } from '../ports.ts';

/**
 * Sends the new version. There is no conditional PUT for versions, so the number is looked at
 * right before and right after: whoever's owner tag stands there then has won, the other takes
 * the next number (design §3, Owner).
 */
export async function publish(
  step: StepOf<'publish'>,
  bench: Bench,
): Promise<Interruption | undefined> {
  const { compute, owner, target, report } = bench;
  const { id } = step.order;
  const before = await compute.version(id);
  if (before && !isOurs(owner, before)) return overtaken(id);
  await compute.createVersion(step.order).catch(async (failure: unknown) => {
    const there = await compute.version(id);
    // Azure refuses a version that another run began between our look and our request.
    if (!there || isOurs(owner, there)) throw failure;
  });
  const after = await compute.version(id);
  if (after && !isOurs(owner, after)) return overtaken(id);
  report.say(step, `Azure accepted it: ${id}`);
  report.versionKnown(target);
  return undefined;
}

const overtaken = (version: string) =>
  stale(`another run made image version ${nameOf(version)} in the meantime`);
