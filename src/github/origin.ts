import { JOB_TAG, RUN_TAG } from '../domain/owner.ts';
import { OUR_PREFIX, type Tags } from '../domain/tags.ts';
import type { Origin } from '../plan/resolve.ts';
import { currentEvent, type Payload } from './pull-request.ts';

/** Where this run comes from, for owner and provenance tags. */
export function gitHubOrigin(): Origin {
  const { env } = process;
  // Absent where somebody starts the bundle by hand.
  const attempt = env.GITHUB_RUN_ATTEMPT || '1';
  const repository = env.GITHUB_REPOSITORY ?? '';
  const runId = env.GITHUB_RUN_ID ?? '';
  const serverUrl = env.GITHUB_SERVER_URL || 'https://github.com';
  const { number } = (currentEvent().payload as Payload).pull_request ?? {};
  const all: Tags = {
    [`${OUR_PREFIX}repository`]: repository,
    [`${OUR_PREFIX}commit`]: env.GITHUB_SHA ?? '',
    [`${OUR_PREFIX}ref`]: env.GITHUB_REF ?? '',
    [`${OUR_PREFIX}workflow`]: env.GITHUB_WORKFLOW ?? '',
    [JOB_TAG]: env.GITHUB_JOB ?? '',
    [`${OUR_PREFIX}actor`]: env.GITHUB_ACTOR ?? '',
    [`${OUR_PREFIX}pull-request`]: typeof number === 'number' ? String(number) : '',
    [RUN_TAG]: `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${attempt}`,
  };
  return {
    repository,
    runId,
    provenance: Object.fromEntries(Object.entries(all).filter(([, value]) => value)),
  };
}
