import { RUN_TAG } from '../domain/owner.ts';
import { DEFAULT_REPLICAS } from '../domain/regions.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import { OUR_PREFIX } from '../domain/tags.ts';
import type { Origin } from '../plan/origin.ts';
import { planOutput } from '../plan/reported.ts';
import { cut } from './plain.ts';
import { NOT_JUDGED, pruneOutputs } from './pruning.ts';
import { type RunRecord, stateOf } from './record.ts';

/** The outputs of action.yml, as values; the version's are empty until Azure has it. */
export function outputsOf(record: RunRecord) {
  const { operation, target, versionKnown, planned, findings, verification } = record;
  // Of a version that is deleted again there is nothing to give on.
  const version = target && versionKnown && !target.ephemeral ? target.version : '';
  const definition = version && parentId(version);
  return {
    'image-version-id': version,
    'image-version': version && nameOf(version),
    gallery: version && nameOf(parentId(definition)),
    'image-definition': definition && nameOf(definition),
    'image-definition-id': definition,
    location: version ? (target?.location ?? '') : '',
    state: stateOf(record),
    changed: record.changed,
    replication: regionRows(record),
    'snapshot-ids': record.snapshotIds,
    verified: verification ? String(verification.passed) : '',
    verification: verification ?? {},
    'latest-before': record.latestBefore ?? {},
    'latest-after': record.latestAfter ?? {},
    ...(operation === 'prune' && pruneOutputs(record.pruning ?? NOT_JUDGED, record.dryRun)),
    plan: planOutput(operation, target, planned, findings),
  };
}

/** A row for each region of the version, in the order that was asked for. */
export function regionRows({ target, replication, versionKnown }: RunRecord) {
  if (!target || !versionKnown || target.ephemeral) return [];
  return replication.map(({ region, state, progress, details }) => {
    const wanted = target.regions.find(({ name }) => name === region);
    const storageAccountType = wanted?.storageAccountType ?? target.storageAccountType;
    return {
      region,
      state,
      progress,
      replicas: wanted?.replicas ?? DEFAULT_REPLICAS,
      storageAccountType: storageAccountType ?? null,
      ...(details && { details }),
    };
  });
}

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

/** Characters that the texts of an output are cut to, one limit after the other, until it fits. */
const LIMITS = [2_000, 500];

/**
 * Characters of one output. GitHub takes 1 MiB for all outputs of a job, in UTF-16 ("Metadata syntax
 * for GitHub Actions"), and Linux takes 128 KiB in one variable of the environment.
 */
const LONGEST_OUTPUT = 120_000;

/** An output as JSON that is short enough; long texts, then elements of lists, are left out. */
export function fitted(value: unknown): string {
  const whole = JSON.stringify(value);
  if (whole.length <= LONGEST_OUTPUT) return whole;
  for (const most of LIMITS) {
    const text = JSON.stringify(withCutTexts(value, most));
    if (text.length <= LONGEST_OUTPUT) return text;
  }
  for (let most = 256; most >= 1; most = Math.floor(most / 2)) {
    const text = JSON.stringify(withShortLists(withCutTexts(value, 500), most));
    if (text.length <= LONGEST_OUTPUT) return text;
  }
  return JSON.stringify(Array.isArray(value) ? [] : {});
}

const withCutTexts = (value: unknown, most: number): unknown =>
  mapped(value, (each) => (typeof each === 'string' ? cut(each, most) : each));

const withShortLists = (value: unknown, most: number): unknown =>
  mapped(value, (each) => (Array.isArray(each) ? each.slice(0, most) : each));

/** A value of JSON with each value in it replaced. */
const mapped = (value: unknown, change: (value: unknown) => unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each) => change(each)));
