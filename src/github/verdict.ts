import { quoted } from '../domain/quoted.ts';
import { failedRegions, isReplicated } from '../domain/replication.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import type { Verification } from '../domain/verified.ts';
import { expectedTotal } from '../plan/plan.ts';
import type { ReportedTarget } from '../plan/reported-target.ts';
import { counted, duration } from './plain.ts';
import { chosenOf, type Pruning } from './pruning.ts';
import { isRefused, type RunRecord, stateOf } from './record.ts';

/** How a run ended, in words: log, annotation, job summary and comment all say this. */
interface Verdict {
  readonly mark: '✅' | '⏳' | '❌';
  /** One sentence without a full stop; names between backticks. */
  readonly headline: string;
  /** What the headline leaves open, in one or two sentences; empty when it leaves nothing open. */
  readonly more: string;
}

const verdict = (mark: Verdict['mark'], headline: string, more = ''): Verdict => ({
  mark,
  headline,
  more,
});

/** The verdict on a run that has ended, by its `state`. */
export function verdictOf(record: RunRecord): Verdict {
  if (isRefused(record)) return refused(record);
  if (record.pruning && record.target) return pruned(record, record.pruning);
  if (!record.dryRun && (record.target?.ephemeral || record.operation === 'verify'))
    return verified(record);
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

/** Whether the image works: all that a run was for that keeps nothing, or only records it. */
function verified(record: RunRecord): Verdict {
  const { verification, failure, changed, target } = record;
  const isKept = target !== undefined && !target.ephemeral;
  const image = isKept ? versionIn(record) : 'This image';
  if (!verification)
    return verdict(
      '❌',
      target ? `It is not known whether ${isKept ? image : 'this image'} works` : NOTHING.verify,
      changed ? '' : NOTHING_CHANGED,
    );
  if (!verification.passed) return verdict('❌', `${image} does not work`);
  if (failure) return verdict('❌', `${image} works, but the run failed after that`);
  const { vmSize, region } = verification;
  const kept = isKept ? '' : ' The version was deleted again.';
  return verdict(
    '✅',
    `${image} works`,
    `Verified: ${timesOf(verification).join(', ')} (${vmSize}, ${region}).${kept} ${took(record)}`,
  );
}

const WORK: Readonly<Record<RunRecord['operation'], string>> = {
  capture: 'capture',
  restore: 'restore',
  promote: 'promotion',
  verify: 'verification',
  prune: 'prune',
  wait: 'wait',
};

const NOTHING: Readonly<Record<RunRecord['operation'], string>> = {
  capture: 'No image version was captured',
  restore: 'The VM was not restored',
  promote: 'No image version was promoted',
  verify: 'No image version was verified',
  prune: 'Nothing was pruned',
  wait: 'No image version was waited for',
};

function refused(record: RunRecord): Verdict {
  const { findings, operation, dryRun, changed } = record;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const problems = counted(errors, 'problem');
  const headline = dryRun
    ? `Dry run: ${problems} would stop this ${WORK[operation]}`
    : `${problems} stopped this ${WORK[operation]}`;
  return verdict('❌', headline, changed ? '' : NOTHING_CHANGED);
}

const NOTHING_CHANGED = 'Nothing was changed.';

const took = ({ changed, seconds }: RunRecord): string =>
  `${changed ? '' : `${NOTHING_CHANGED} `}The run took ${duration(seconds)}.`;

/** What became, or would become, of the versions of a definition and of old snapshots. */
function pruned(record: RunRecord, pruning: Pruning): Verdict {
  const { target, dryRun, failure, changed } = record;
  const id = target?.version ?? '';
  const of = `\`${nameOf(parentId(id))}/${nameOf(id)}\``;
  const goes = chosenOf(pruning).length;
  const snapshots = (dryRun ? record.planned : doneIn(record)).flatMap((step) =>
    step.do === 'delete' && step.label === 'old-snapshots' ? step.of : [],
  ).length;
  const both = (versions: number) =>
    [
      ...(versions > 0 || snapshots === 0 ? [counted(versions, 'image version')] : []),
      ...(snapshots > 0 ? [counted(snapshots, 'snapshot')] : []),
    ].join(' and ');
  if (failure)
    return verdict(
      '❌',
      dryRun
        ? 'The dry run failed: it made no plan'
        : `The prune of ${of} ended early: ${pruning.deleted.size} of ${counted(goes, 'image version')} deleted`,
      changed ? '' : NOTHING_CHANGED,
    );
  if (dryRun)
    return verdict('✅', `Dry run: ${both(goes)} of ${of} would be deleted`, NOTHING_CHANGED);
  return verdict(
    '✅',
    changed ? `${both(pruning.deleted.size)} of ${of} deleted` : `Nothing of ${of} has to go`,
    took(record),
  );
}

/** Whether this run has brought the VM of a capture back. */
const cameBack = (record: RunRecord): string =>
  doneIn(record).some((step) => step.do === 'settle')
    ? `\`${nameOf(record.target?.vm ?? '')}\` is restored. `
    : '';

/** Whether this run has deleted the version that it made, because it does not work. */
export const isDeleted = (record: RunRecord): boolean =>
  doneIn(record).some((step) => step.do === 'delete' && step.label === 'verified-version');

const doneIn = ({ steps }: RunRecord) =>
  steps.filter(({ outcome }) => outcome === 'done').map(({ step }) => step);

function planned({ target, planned: steps, operation }: RunRecord): Verdict {
  if (!target)
    return verdict(
      '✅',
      'Dry run: the inputs are valid',
      `Only the inputs were checked, without Azure. ${NOTHING_CHANGED}`,
    );
  if (steps.length === 0)
    return verdict(
      '✅',
      `Dry run: there is nothing to do for ${shownName(target)}`,
      NOTHING_CHANGED,
    );
  const final = steps.filter(({ irreversible }) => irreversible).length;
  const irreversible =
    final === 0 ? 'no step is' : final === 1 ? '1 step is' : `${final} steps are`;
  return verdict(
    '✅',
    `Dry run: no problem would stop this ${WORK[operation]} of ${shownName(target)}`,
    `${NOTHING_CHANGED} The ${WORK[operation]} typically takes ${duration(expectedTotal(steps))}; ${irreversible} irreversible.`,
  );
}

function succeeded(record: RunRecord): Verdict {
  const { changed, target } = record;
  if (record.operation === 'restore')
    return verdict(
      '✅',
      `${target ? shownName(target) : 'The VM'} is ${changed ? 'restored' : 'already restored'}`,
      took(record),
    );
  const how = changed ? 'complete' : 'already complete';
  return verdict(
    '✅',
    `${versionIn(record)} is ${how} in ${everyRegion(record)}`,
    `${changed ? cameBack(record) : ''}${took(record)}`,
  );
}

function replicating(record: RunRecord): Verdict {
  const { failure, changed } = record;
  const headline = `${versionIn(record)} is complete in ${reached(record)}`;
  if (failure) {
    const ended = failure.kind === 'cancelled' ? 'The run was cancelled' : 'The run timed out';
    return verdict('⏳', `${ended}: ${headline}`);
  }
  const failed = failedIn(record);
  return verdict(
    '⏳',
    failed ? `${headline}, and failed in ${failed}` : `${headline} so far`,
    `${cameBack(record)}\`wait-for\` ended the run before replication was complete; Azure continues.${changed ? '' : ` ${NOTHING_CHANGED}`}`,
  );
}

function failed(record: RunRecord): Verdict {
  const { dryRun, versionKnown, operation, replication } = record;
  const nothing = record.changed ? '' : NOTHING_CHANGED;
  if (dryRun) return verdict('❌', 'The dry run failed: it made no plan', nothing);
  if (!versionKnown) return verdict('❌', NOTHING[operation], nothing);
  if (record.verification?.passed === false)
    return verdict(
      '❌',
      `${versionIn(record)} failed its verification`,
      isDeleted(record)
        ? 'It was deleted.'
        : operation === 'capture'
          ? 'It is not in `latest`.'
          : '',
    );
  const failed = failedIn(record);
  const headline = failed
    ? `${versionIn(record)} is missing in ${failed}`
    : isReplicated(replication)
      ? `The run failed, but ${versionIn(record)} is complete in ${everyRegion(record)}`
      : `The run failed: ${versionIn(record)} is complete in ${reached(record)}`;
  const more = failed ? `It is complete in ${reached(record)}.` : '';
  return verdict('❌', headline, [more, nothing].filter(Boolean).join(' '));
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
  target ? nameIn(target.version) : 'The image version';

/** What a run is about, as people name it: a version, or the VM that comes back. */
const shownName = ({ version, vm }: ReportedTarget): string =>
  version ? nameIn(version) : `\`${nameOf(vm ?? '')}\``;

/** A version as people name it: gallery, definition, number. */
function nameIn(version: string): string {
  const definition = parentId(version);
  return `\`${nameOf(parentId(definition))}/${nameOf(definition)}/${nameOf(version)}\``;
}

/** How long each part took, and how the script ended. */
export function timesOf({ boot, agent, script, exitCode }: Verification): string[] {
  const part = (name: string, seconds: number | undefined) =>
    seconds === undefined ? [] : [`${name} ${duration(seconds)}`];
  return [
    ...part('boot', boot),
    ...part('agent', agent),
    ...part('script', script),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
  ];
}
