import { quoted } from '../domain/quoted.ts';
import { failedRegions, isReplicated } from '../domain/replication.ts';
import { nameOf, parentId } from '../domain/resource-id.ts';
import { expectedTotal } from '../plan/plan.ts';
import type { ReportedTarget } from '../plan/reported-target.ts';
import { counted, duration } from './plain.ts';
import { chosenOf, definitionName, type Pruning } from './pruning.ts';
import { isRefused, type RunRecord, stateOf } from './record.ts';
import { timesOf } from './summary-verification.ts';

/** How a run ended, in words: log, annotation, job summary and comment all say this. */
interface Verdict {
  readonly mark: '✅' | '⏳' | '❌';
  /** One sentence without a full stop; names between backticks. */
  readonly headline: string;
  /** What the headline leaves open, in one or two sentences; empty when it leaves nothing open. */
  readonly more: string;
}

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
  const { verification, failure, changed, seconds, target } = record;
  const isKept = target !== undefined && !target.ephemeral;
  const image = isKept ? versionIn(record) : 'This image';
  const nothing = changed ? '' : `${NOTHING_CHANGED} `;
  if (!verification)
    return {
      mark: '❌',
      headline: target
        ? `It is not known whether ${isKept ? image : 'this image'} works`
        : NOTHING.verify,
      more: nothing.trim(),
    };
  if (!verification.passed) return { mark: '❌', headline: `${image} does not work`, more: '' };
  if (failure)
    return { mark: '❌', headline: `${image} works, but the run failed after that`, more: '' };
  const { vmSize, region } = verification;
  const kept = isKept ? '' : ' The version was deleted again.';
  return {
    mark: '✅',
    headline: `${image} works`,
    more: `Verified: ${timesOf(verification).join(', ')} (${vmSize}, ${region}).${kept} ${nothing}The run took ${duration(seconds)}.`,
  };
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
  return { mark: '❌', headline, more: changed ? '' : NOTHING_CHANGED };
}

const NOTHING_CHANGED = 'Nothing was changed.';

/** What became, or would become, of the versions of a definition and of old snapshots. */
function pruned(record: RunRecord, pruning: Pruning): Verdict {
  const { target, dryRun, failure, changed, seconds } = record;
  const of = definitionName(target?.version ?? '');
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
    return {
      mark: '❌',
      headline: dryRun
        ? 'The dry run failed: it made no plan'
        : `The prune of ${of} ended early: ${pruning.deleted.size} of ${counted(goes, 'image version')} deleted`,
      more: changed ? '' : NOTHING_CHANGED,
    };
  if (dryRun)
    return {
      mark: '✅',
      headline: `Dry run: ${both(goes)} of ${of} would be deleted`,
      more: NOTHING_CHANGED,
    };
  return {
    mark: '✅',
    headline: changed
      ? `${both(pruning.deleted.size)} of ${of} deleted`
      : `Nothing of ${of} has to go`,
    more: `${changed ? '' : `${NOTHING_CHANGED} `}The run took ${duration(seconds)}.`,
  };
}

/** Whether this run has brought the VM of a capture back. */
const cameBack = (record: RunRecord): string =>
  doneIn(record).some((step) => step.do === 'settle')
    ? `\`${nameOf(record.target?.vm ?? '')}\` is restored. `
    : '';

const doneIn = ({ steps }: RunRecord) =>
  steps.filter(({ outcome }) => outcome === 'done').map(({ step }) => step);

function planned({ target, planned: steps, operation }: RunRecord): Verdict {
  if (!target)
    return {
      mark: '✅',
      headline: 'Dry run: the inputs are valid',
      more: `Only the inputs were checked, without Azure. ${NOTHING_CHANGED}`,
    };
  if (steps.length === 0)
    return {
      mark: '✅',
      headline: `Dry run: there is nothing to do for ${shownName(target)}`,
      more: NOTHING_CHANGED,
    };
  const final = steps.filter(({ irreversible }) => irreversible).length;
  const irreversible =
    final === 0 ? 'no step is' : final === 1 ? '1 step is' : `${final} steps are`;
  return {
    mark: '✅',
    headline: `Dry run: no problem would stop this ${WORK[operation]} of ${shownName(target)}`,
    more: `${NOTHING_CHANGED} The ${WORK[operation]} typically takes ${duration(expectedTotal(steps))}; ${irreversible} irreversible.`,
  };
}

function succeeded(record: RunRecord): Verdict {
  const { changed, seconds, target } = record;
  if (record.operation === 'restore')
    return {
      mark: '✅',
      headline: `${target ? shownName(target) : 'The VM'} is ${changed ? 'restored' : 'already restored'}`,
      more: `${changed ? '' : `${NOTHING_CHANGED} `}The run took ${duration(seconds)}.`,
    };
  return changed
    ? {
        mark: '✅',
        headline: `${versionIn(record)} is complete in ${everyRegion(record)}`,
        more: `${cameBack(record)}The run took ${duration(seconds)}.`,
      }
    : {
        mark: '✅',
        headline: `${versionIn(record)} is already complete in ${everyRegion(record)}`,
        more: `${NOTHING_CHANGED} The run took ${duration(seconds)}.`,
      };
}

function replicating(record: RunRecord): Verdict {
  const { failure, changed } = record;
  const headline = `${versionIn(record)} is complete in ${reached(record)}`;
  if (failure) {
    const ended = failure.kind === 'cancelled' ? 'The run was cancelled' : 'The run timed out';
    return { mark: '⏳', headline: `${ended}: ${headline}`, more: '' };
  }
  const failed = failedIn(record);
  return {
    mark: '⏳',
    headline: failed ? `${headline}, and failed in ${failed}` : `${headline} so far`,
    more: `${cameBack(record)}\`wait-for\` ended the run before replication was complete; Azure continues.${changed ? '' : ` ${NOTHING_CHANGED}`}`,
  };
}

function failed(record: RunRecord): Verdict {
  const { dryRun, versionKnown, operation, replication } = record;
  const nothing = record.changed ? '' : NOTHING_CHANGED;
  if (dryRun) return { mark: '❌', headline: 'The dry run failed: it made no plan', more: nothing };
  if (!versionKnown) return { mark: '❌', headline: NOTHING[operation], more: nothing };
  if (record.verification?.passed === false)
    return {
      mark: '❌',
      headline: `${versionIn(record)} failed its verification`,
      more: operation === 'capture' ? 'It is not in `latest`.' : '',
    };
  const failed = failedIn(record);
  const headline = failed
    ? `${versionIn(record)} is missing in ${failed}`
    : isReplicated(replication)
      ? `The run failed, but ${versionIn(record)} is complete in ${everyRegion(record)}`
      : `The run failed: ${versionIn(record)} is complete in ${reached(record)}`;
  const more = failed ? `It is complete in ${reached(record)}.` : '';
  return { mark: '❌', headline, more: [more, nothing].filter(Boolean).join(' ') };
}

/** Names of the regions that failed. */
const failedIn = ({ replication }: RunRecord): string =>
  quoted(failedRegions(replication).map(({ region }) => region));

/** How many regions have the version, of how many. */
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
