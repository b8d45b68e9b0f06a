import { RUN_TAG } from '../domain/owner.ts';
import { OUR_PREFIX } from '../domain/tags.ts';
import type { Origin } from '../plan/resolve.ts';
import { outputsOf, type RunRecord } from './record.ts';

/** Raised when a member changes its meaning or goes; more members may come without. */
const MANIFEST = 1;

/**
 * What `result-file` holds: all outputs, and where the image comes from. docs/manifest.schema.json is
 * its schema. What is not known is `null`.
 */
export function manifestOf(record: RunRecord, { repository, provenance }: Origin) {
  const { operation, target, shown, findings, failure } = record;
  return {
    manifest: MANIFEST,
    operation,
    ...outputsOf(record),
    source: {
      vm: target?.vm ?? null,
      'vm-id': target?.vmId ?? null,
      'base-image': shown.baseImage ?? null,
      'image-version-id': target?.source ?? null,
    },
    repository: repository || null,
    commit: provenance[`${OUR_PREFIX}commit`] ?? null,
    run: provenance[RUN_TAG] ?? null,
    findings: findings.map(({ rule, severity, message }) => ({ rule, severity, message })),
    failure: failure?.what ?? null,
  };
}
