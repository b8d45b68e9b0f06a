import type { LatestByRegion } from '../domain/latest.ts';
import { failedRegions, isReplicated } from '../domain/replication.ts';
import { fullNameOf, nameOf } from '../domain/resource-id.ts';
import type { Verification } from '../domain/verification.ts';
import { counted, joined, quoted } from '../domain/words.ts';
import type { DeleteLabel } from '../plan/labels.ts';
import { expectedTotal } from '../plan/plan.ts';
import type { ReportedTarget } from '../plan/reported.ts';
import { duration } from './plain.ts';
import { chosenOf, deletedOf, type Pruning } from './pruning.ts';
import { aboutOf, isRefused, type RunRecord, stateOf, WORDS } from './record.ts';

/**
 * A headline: one sentence without a full stop, names between backticks. Then what it leaves open, in
 * one or two sentences.
 */
type Words = readonly [headline: string, more?: string];

/** How a run ended, in words: log, annotation, job summary and comment all say this. */
export function verdictOf(record: RunRecord) {
  const [headline, more = ''] = wordsOn(record);
  return { mark: isRefused(record) ? '❌' : MARKS[stateOf(record)], headline, more };
}

const MARKS = { planned: '✅', succeeded: '✅', replicating: '⏳', failed: '❌' } as const;

function wordsOn(record: RunRecord): Words {
  const { dryRun, pruning, target } = record;
  if (isRefused(record)) return refused(record);
  if (pruning && target) return pruned(record, target, pruning);
  if (!dryRun && aboutOf(record) === 'proof') return verified(record);
  switch (stateOf(record)) {
    case 'planned':
      return planned(record);
    case 'succeeded':
      return succeeded(record);
    case 'replicating':
      return replicating(record);
    case 'failed':
      return failed(record);
  }
}

const NOTHING_CHANGED = 'Nothing was changed.';

const unlessChanged = ({ changed }: RunRecord): string => (changed ? '' : NOTHING_CHANGED);

const took = (record: RunRecord): string =>
  joined(' ', [unlessChanged(record), `The run took ${duration(record.seconds)}.`]);

/** Whether the image works: all that a run was for that keeps nothing, or only records it. */
function verified(record: RunRecord): Words {
  const { verification, failure, target, operation } = record;
  const isKept = target !== undefined && !target.ephemeral;
  const image = isKept ? versionIn(record) : 'This image';
  if (!verification) {
    const what = isKept ? image : 'this image';
    return [
      target ? `It is not known whether ${what} works` : WORDS[operation].nothing,
      unlessChanged(record),
    ];
  }
  if (!verification.passed) return [`${image} does not work`];
  if (failure) return [`${image} works, but the run failed after that`];
  const { vmSize, region } = verification;
  const kept = isKept ? '' : ' The version was deleted again.';
  return [
    `${image} works`,
    `Verified${record.changed ? '' : ' by an earlier run'}: ${timesOf(verification)} (${vmSize}, ${region}).${kept} ${took(record)}`,
  ];
}

function refused(record: RunRecord): Words {
  const { findings, operation, dryRun } = record;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const problems = counted(errors, 'problem');
  const { work } = WORDS[operation];
  return [
    dryRun ? `Dry run: ${problems} would stop this ${work}` : `${problems} stopped this ${work}`,
    unlessChanged(record),
  ];
}

/** What became, or would become, of the versions of a definition and of old snapshots. */
function pruned(record: RunRecord, { version: id }: ReportedTarget, pruning: Pruning): Words {
  const { dryRun, failure, changed } = record;
  const of = `\`${fullNameOf(id)}\``;
  const goes = chosenOf(pruning).length;
  const gone = deletedOf(pruning).length;
  const snapshots = (dryRun ? record.planned : doneIn(record)).flatMap((step) =>
    step.do === 'delete' && step.label === 'old-snapshots' ? step.of : [],
  ).length;
  const both = (versions: number) =>
    joined(' and ', [
      (versions > 0 || snapshots === 0) && counted(versions, 'image version'),
      snapshots > 0 && counted(snapshots, 'snapshot'),
    ]);
  if (failure)
    return [
      dryRun
        ? NO_PLAN
        : `The prune of ${of} ended early: ${gone} of ${counted(goes, 'image version')} deleted`,
      unlessChanged(record),
    ];
  if (dryRun)
    return [
      goes + snapshots > 0
        ? `Dry run: ${both(goes)} of ${of} would be deleted`
        : `Dry run: there is nothing to delete in ${of}`,
      NOTHING_CHANGED,
    ];
  return [
    changed ? `${both(gone)} of ${of} deleted` : `There is nothing to delete in ${of}`,
    took(record),
  ];
}

const NO_PLAN = 'The dry run failed: it made no plan';

/** Where this promotion has moved its version, as the outputs on `latest` show. */
export function movedTo(record: RunRecord): 'in' | 'out of' | undefined {
  const { latestBefore: before = {}, latestAfter: after, target } = record;
  if (!after || !target) return undefined;
  const number = nameOf(target.version);
  const is = (of: LatestByRegion, not: LatestByRegion) =>
    Object.keys(of).some((region) => of[region] === number && not[region] !== number);
  return is(after, before) ? 'in' : is(before, after) ? 'out of' : undefined;
}

/** What this run has done with the VM of a capture, once it had the version. */
function vmAfterwards(record: RunRecord): string {
  const vm = `\`${nameOf(record.target?.vm ?? '')}\``;
  if (hasDeleted(record, 'captured-vm')) return `${vm} was deleted. `;
  return doneIn(record).some((step) => step.do === 'settle') ? `${vm} is restored. ` : '';
}

/** Whether this run has deleted such a thing. */
export const hasDeleted = (record: RunRecord, what: DeleteLabel): boolean =>
  doneIn(record).some((step) => step.do === 'delete' && step.label === what);

/** What this run has done, step by step. */
export const doneIn = ({ steps }: RunRecord) =>
  steps.filter(({ outcome }) => outcome === 'done').map(({ step }) => step);

function planned({ target, planned: steps, operation }: RunRecord): Words {
  if (!target)
    return [
      'Dry run: the inputs are valid',
      `Only the inputs were checked, without Azure. ${NOTHING_CHANGED}`,
    ];
  if (steps.length === 0)
    return [`Dry run: there is nothing to do for ${shownName(target)}`, NOTHING_CHANGED];
  const { work } = WORDS[operation];
  const final = steps.filter(({ irreversible }) => irreversible).length;
  const irreversible =
    final === 0 ? 'no step is' : final === 1 ? '1 step is' : `${final} steps are`;
  return [
    `Dry run: no problem would stop this ${work} of ${shownName(target)}`,
    `${NOTHING_CHANGED} The ${work} typically takes ${duration(expectedTotal(steps))}; ${irreversible} irreversible.`,
  ];
}

function succeeded(record: RunRecord): Words {
  const { changed, target } = record;
  if (aboutOf(record) === 'vm')
    return [
      `${target ? shownName(target) : 'The VM'} is ${changed ? 'restored' : 'already restored'}`,
      took(record),
    ];
  const how = changed ? 'complete' : 'already complete';
  const move = movedTo(record);
  return [
    `${versionIn(record)} is ${how} in ${everyRegion(record)}`,
    `${move ? `It is ${move} \`latest\` now. ` : ''}${record.verification?.passed ? 'It passed its verification. ' : ''}${vmAfterwards(record)}${took(record)}`,
  ];
}

function replicating(record: RunRecord): Words {
  const { failure, changed } = record;
  const headline = `${versionIn(record)} is complete in ${reached(record)}`;
  if (failure) {
    const ended = failure.kind === 'cancelled' ? 'The run was cancelled' : 'The run timed out';
    return [`${ended}: ${headline}`];
  }
  const failed = failedIn(record);
  return [
    failed ? `${headline}, and failed in ${failed}` : `${headline} so far`,
    `${vmAfterwards(record)}\`wait-for\` ended the run before replication was complete; Azure continues.${changed ? '' : ` ${NOTHING_CHANGED}`}`,
  ];
}

function failed(record: RunRecord): Words {
  const { dryRun, versionKnown, operation, replication } = record;
  const nothing = unlessChanged(record);
  if (dryRun) return [NO_PLAN, nothing];
  if (!versionKnown) return [WORDS[operation].nothing, nothing];
  if (record.verification?.passed === false)
    return [
      `${versionIn(record)} failed its verification`,
      hasDeleted(record, 'verified-version')
        ? 'It was deleted.'
        : operation === 'capture'
          ? 'It is not in `latest`.'
          : '',
    ];
  const failed = failedIn(record);
  if (failed)
    return [
      `${versionIn(record)} is missing in ${failed}`,
      joined(' ', [`It is complete in ${reached(record)}.`, nothing]),
    ];
  return [
    isReplicated(replication)
      ? `The run failed, but ${versionIn(record)} is complete in ${everyRegion(record)}`
      : `The run failed: ${versionIn(record)} is complete in ${reached(record)}`,
    nothing,
  ];
}

const failedIn = ({ replication }: RunRecord): string =>
  quoted(failedRegions(replication).map(({ region }) => region));

function reached({ replication, target }: RunRecord): string {
  const all = replication.length || (target?.regions.length ?? 0);
  const complete = replication.filter(({ state }) => state === 'Completed').length;
  return `${complete} of ${counted(all, 'region')}`;
}

const everyRegion = ({ replication }: RunRecord): string => counted(replication.length, 'region');

const versionIn = ({ target }: RunRecord): string =>
  target ? `\`${fullNameOf(target.version)}\`` : 'The image version';

/** What a run is about, as people name it: a version, or the VM that comes back. */
const shownName = ({ version, vm }: ReportedTarget): string =>
  `\`${version ? fullNameOf(version) : nameOf(vm ?? '')}\``;

/** How long each part took, and how the script ended. */
export function timesOf({ boot, agent, script, exitCode }: Verification): string {
  const part = (name: string, seconds: number | undefined) =>
    seconds !== undefined && `${name} ${duration(seconds)}`;
  return joined(', ', [
    part('boot', boot),
    part('agent', agent),
    part('script', script),
    exitCode !== undefined && `exit code ${exitCode}`,
  ]);
}
