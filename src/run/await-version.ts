import { Failure } from '../domain/failure.ts';
import { latestOf } from '../domain/latest.ts';
import type { ImageVersion } from '../domain/observed.ts';
import { replicationOf } from '../domain/replication.ts';
import type { WaitRequest } from '../domain/request.ts';
import { childId, nameOf } from '../domain/resource-id.ts';
import type { WaitTarget } from '../domain/target.ts';
import { EXPECTED } from '../plan/durations.ts';
import { hasWaited } from '../plan/has-waited.ts';
import type { Step } from '../plan/plan.ts';
import type { Announcer } from './converge.ts';
import type { Compute, Reporter } from './ports.ts';
import { runStep } from './run-plan.ts';
import { replicate } from './steps/replicate.ts';

export interface WaitAssignment {
  readonly request: WaitRequest;
  readonly compute: Compute;
  readonly report: Reporter & Announcer;
  readonly signal: AbortSignal;
  readonly pollSeconds: number | undefined;
}

/**
 * Takes up waiting for a version in flight, whoever made it. Reads only: a version that failed is
 * reported, not repaired.
 */
export async function awaitVersion(assignment: WaitAssignment): Promise<void> {
  const { request, compute, report } = assignment;
  const id = await pin(request, compute);
  const version = await existing(compute, id);
  const target = targetOf(version);
  const step = waitStep(request, target);
  const done = hasWaited(request.waitFor, target.location, version);
  report.announce(target, done ? [] : [step], []);
  report.versionKnown(target);
  if (!done) await runStep(step, assignment, () => replicate(step, assignment));
  const last = await existing(compute, id);
  report.replication(replicationOf(last.regions, last.replication ?? []));
}

/** The version's resource ID; `latest` is looked up once and not again. */
async function pin(request: WaitRequest, compute: Compute): Promise<string> {
  if (request.version !== 'latest') return childId(request.definition, 'versions', request.version);
  const latest = latestOf(await compute.versions(request.definition));
  if (latest) return latest.id;
  throw new Failure({
    kind: 'refused',
    what: `The image definition ${nameOf(request.definition)} has no latest version.`,
    why: 'It has no version at all, or each one is excluded from latest or not Succeeded.',
    remedy: 'Name a version by its number.',
  });
}

async function existing(compute: Compute, id: string): Promise<ImageVersion> {
  const version = await compute.version(id);
  if (version) return version;
  throw new Failure({
    kind: 'refused',
    what: `The image version ${id} does not exist, or this identity may not read it.`,
    remedy:
      'Check `source-image-version`, and that the identity has Microsoft.Compute/galleries/images/versions/read there.',
  });
}

const targetOf = ({
  id,
  location,
  regions,
  excludeFromLatest,
  endOfLife,
}: ImageVersion): WaitTarget => ({
  operation: 'wait',
  version: id,
  location,
  regions,
  excludeFromLatest,
  ...(endOfLife && { endOfLife }),
});

const waitStep = ({ waitFor }: WaitRequest, target: WaitTarget): Step & { do: 'replicate' } => ({
  id: 'replicate',
  do: 'replicate',
  needs: [],
  version: target.version,
  regions: target.regions,
  until: waitFor,
  home: target.location,
  resources: [],
  irreversible: false,
  expectedSeconds: EXPECTED.replicate,
});
