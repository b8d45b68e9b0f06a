import { context } from '@actions/github';
import { RUN_TAG } from '../domain/owner.ts';
import { OUR_PREFIX, type Tags } from '../domain/tags.ts';
import type { Origin } from '../plan/resolve.ts';

/** Where this run comes from, for owner and provenance tags. */
export function gitHubOrigin(): Origin {
  const { serverUrl, runId, sha, ref, workflow, job, actor } = context;
  // Absent where somebody starts the bundle by hand.
  const attempt = process.env.GITHUB_RUN_ATTEMPT || '1';
  const repository = process.env.GITHUB_REPOSITORY ?? '';
  const pullRequest = context.payload.pull_request?.number;
  const all: Tags = {
    [`${OUR_PREFIX}repository`]: repository,
    [`${OUR_PREFIX}commit`]: sha,
    [`${OUR_PREFIX}ref`]: ref,
    [`${OUR_PREFIX}workflow`]: workflow,
    [`${OUR_PREFIX}job`]: job,
    [`${OUR_PREFIX}actor`]: actor,
    [`${OUR_PREFIX}pull-request`]: pullRequest === undefined ? '' : String(pullRequest),
    [RUN_TAG]: `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${attempt}`,
  };
  return {
    repository,
    runId: String(runId),
    provenance: Object.fromEntries(Object.entries(all).filter(([, value]) => value)),
  };
}
