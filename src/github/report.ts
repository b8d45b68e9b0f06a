import * as core from '@actions/core';
import type { Failure, FailureKind } from '../domain/failure.ts';
import { forbids } from '../domain/finding.ts';
import type { LatestChange } from '../domain/latest.ts';
import type { RegionReplication } from '../domain/replication.ts';
import { nameOf } from '../domain/resource-id.ts';
import type { Target } from '../domain/target.ts';
import { leftoversOf } from '../plan/clean-up.ts';
import { withInFlight } from '../plan/in-flight.ts';
import { describeStep, expectedTotal, type Step } from '../plan/plan.ts';
import { subjectOf } from '../plan/subject.ts';
import type { Announcement, Announcer } from '../run/converge.ts';
import type { Reporter } from '../run/ports.ts';
import { annotationsOf } from './annotations.ts';
import { Journal } from './journal.ts';
import { duration, logLines } from './plain.ts';
import { byLack, emptyRecord, isRefused, outputsOf, type RunRecord } from './record.ts';

/** Tells GitHub how the run goes: log, annotations, outputs as soon as they are known. */
export class GitHubReporter implements Reporter, Announcer {
  #record: RunRecord = emptyRecord;
  readonly #journal = new Journal();
  readonly #written = new Map<string, string>();
  /** Findings that were told: a run that looks again finds most of them again. */
  readonly #told = new Set<string>();
  /** What Azure may still do when the run ends now. */
  #running: Step | undefined;

  get record(): RunRecord {
    return this.#record;
  }

  /** Told what was asked for, as far as that can be told of inputs that may be wrong. */
  asked({ operation, dryRun }: Pick<RunRecord, 'operation' | 'dryRun'>): void {
    this.#record = { ...this.#record, operation, dryRun };
  }

  /** One line outside any step. */
  info(line: string): void {
    for (const text of logLines(line)) core.info(text);
  }

  warn(message: string): void {
    core.warning(message, { title: 'Azure Golden Image' });
  }

  announce({ target, steps, findings, unchecked, before }: Announcement): void {
    const subject = target && { target: subjectOf(target) };
    this.#update({ planned: steps, findings, unchecked, before, ...subject });
    const fresh = findings.filter(({ rule, message }) => !this.#told.has(`${rule} ${message}`));
    for (const { rule, message } of fresh) this.#told.add(`${rule} ${message}`);
    for (const { severity, title, text } of annotationsOf(fresh)) TELL[severity](text, { title });
    for (const { lacks, rules } of byLack(unchecked))
      this.info(`Not checked without ${lacks}: ${rules.join(', ')}`);
    if (!target || forbids(findings)) return;
    this.info(`Target: ${target.version}`);
    if (steps.length === 0) return;
    const leftovers = this.#record.dryRun ? undefined : leftoversOf(target);
    if (leftovers) this.#journal.mayLeave(leftovers);
    this.info(`Plan, usually ${duration(expectedTotal(steps))} in all:`);
    for (const step of steps)
      this.info(
        `  ${describeStep(step)} (usually ${duration(step.expectedSeconds)}${step.irreversible ? ', cannot be undone' : ''})`,
      );
  }

  stepStarted(step: Step): void {
    this.#journal.working(describeStep(step));
    this.#running = step;
    core.startGroup(describeStep(step));
  }

  say(_step: Step, line: string): void {
    this.info(line);
  }

  stepEnded(step: Step, seconds: number, failure?: unknown): void {
    // A step that ends with the run is one that Azure may go on with.
    if (failure === undefined) this.#running = undefined;
    const outcome = failure === undefined ? 'done' : 'failed';
    this.#update({ steps: [...this.#record.steps, { step, outcome, seconds }] });
    const mark = outcome === 'done' ? '✓' : '✗';
    core.endGroup();
    core.info(`${mark} ${describeStep(step)}: ${duration(seconds)}`);
  }

  snapshotsTaken(ids: readonly string[]): void {
    this.#update({ snapshotIds: ids });
  }

  versionKnown(target: Target): void {
    this.#journal.accepted(target.version);
    this.#update({ target: subjectOf(target), versionKnown: true });
  }

  replication(regions: readonly RegionReplication[]): void {
    this.#update({ replication: regions });
  }

  latest({ before, after }: Partial<LatestChange>): void {
    this.#update({ ...(before && { latestBefore: before }), ...(after && { latestAfter: after }) });
  }

  /** The run has ended; `failure` says how if not well. */
  ended(seconds: number, changed: boolean, thrown?: Failure): RunRecord {
    const { target, versionKnown } = this.#record;
    const version = versionKnown ? target?.version : undefined;
    const failure = thrown && withInFlight(thrown, this.#running, version);
    this.#journal.finished(!failure);
    this.#update({ seconds, changed, ...(failure && { failure }) });
    if (failure && !isRefused(this.#record))
      core.error(failure.message, { title: titleOf(failure.kind, this.#record.dryRun) });
    else this.info(closingLine(this.#record));
    return this.#record;
  }

  #update(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#writeOutputs(change.seconds !== undefined);
  }

  /** An output is written when it changes; `state` and `changed` are only known at the end. */
  #writeOutputs(atEnd: boolean): void {
    for (const [name, value] of Object.entries(outputsOf(this.#record))) {
      if (!atEnd && (name === 'state' || name === 'changed' || name === 'replication')) continue;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (this.#written.get(name) === text) continue;
      this.#written.set(name, text);
      core.setOutput(name, text);
    }
  }
}

const TELL = { error: core.error, warning: core.warning, notice: core.notice } as const;

/** What a failed run's annotation is headed. */
const TITLES: Readonly<Record<FailureKind, string>> = {
  input: 'The inputs or the sign-in need attention',
  refused: 'No image version was completed',
  transient: 'Azure or the network failed for too long',
  timeout: 'Out of time',
  cancelled: 'Cancelled',
  bug: 'Something unexpected happened',
};

const titleOf = (kind: FailureKind, dryRun: boolean): string =>
  dryRun && kind === 'refused' ? 'The dry run may not see what it has to check' : TITLES[kind];

function closingLine(record: RunRecord): string {
  const { dryRun, target, planned, replication, changed, seconds, findings } = record;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    return `Nothing was changed: the checks found ${errors === 1 ? 'an error' : `${errors} errors`}, told above with the remedy.`;
  if (dryRun && !target) return 'This was a dry run without Azure: only the inputs were checked.';
  if (dryRun)
    return planned.length > 0
      ? 'This was a dry run: nothing was changed. Without `dry-run` the steps above would be done.'
      : 'This was a dry run: there is nothing to do.';
  const version = target && nameOf(target.version);
  const where = replication.length === 1 ? 'its region' : `${replication.length} regions`;
  return changed
    ? `Image version ${version} is complete in ${where}, after ${duration(seconds)}.`
    : `Image version ${version} is as it should be in ${where} already; nothing was changed.`;
}
