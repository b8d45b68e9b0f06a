import type { Failure } from '../domain/failure.ts';
import { failedRegions } from '../domain/replication.ts';
import { fullNameOf, nameOf, parentId } from '../domain/resource-id.ts';
import type { CloudName, SignIn } from '../domain/sign-in.ts';
import { counted, dayOf, joined, number } from '../domain/words.ts';
import { block, code, fittedLines, folded, link, markdown, shownText, table } from './plain.ts';
import { pruneSummary } from './pruning.ts';
import { aboutOf, isRefused, type RunRecord, stateOf } from './record.ts';
import { findingsOf } from './summary-findings.ts';
import { regionsOf, storageOf } from './summary-regions.ts';
import { stepsOf } from './summary-steps.ts';
import { doneIn, hasDeleted, movedTo, timesOf, verdictOf } from './verdict.ts';

/**
 * What a release manager wants to know of a run, or a reviewer of a dry run, as GitHub Markdown:
 * the job summary, and the comment on the pull request. The verdict first, then what to do.
 */
export function summaryOf(record: RunRecord): string {
  const facts = factsOf(record);
  const { mark, headline, more } = verdictOf(record);
  const why = record.failure && !isRefused(record) ? reasons(record.failure, headline) : '';
  const inRegions = failedIn(record);
  const parts = [
    `### ${mark} ${markdown(headline)}`,
    lead(markdown(more), inRegions ? '' : why),
    latestWarning(record),
    resourceLinks(record),
    isKept(record) || record.dryRun ? regionsOf(record) : '',
    // What stopped the run comes before what it was about.
    ...(isRefused(record)
      ? [findingsOf(record), ...facts]
      : [
          ...(record.failure ? [next(record), ...facts] : [...facts, next(record)]),
          findingsOf(record),
        ]),
    verificationOf(record),
    // The reason of a failed region in full: its row has the short one.
    inRegions && why ? folded('What happened, and what Azure said', why) : '',
    stepsOf(record),
    snapshots(record),
  ];
  return `${joined('\n\n', parts)}\n`;
}

function factsOf(record: RunRecord): string[] {
  switch (aboutOf(record)) {
    case 'definition':
      return record.pruning ? [pruneSummary(record.pruning, record.dryRun)] : [];
    case 'vm':
      return [restoredOf(record)];
    default:
      return isKept(record) ? [versionBlock(record), traits(record), restoredOf(record)] : [];
  }
}

/** Whether there is a version to speak of afterwards. */
const isKept = ({ target }: RunRecord): boolean => !target?.ephemeral;

/** GitHub's limit of a step's summary: 1 MiB ("Workflow commands", job summaries). */
const LARGEST_SUMMARY = 1024 * 1024;
const CUT = '\n\n… and more: the log has all of it.\n';

/** A summary that GitHub takes. */
export const fittedSummary = (summary: string): string =>
  fittedLines(summary, LARGEST_SUMMARY, CUT, Buffer.byteLength);

/** What the headline leaves open, and the reasons; items of a list stand by themselves. */
const lead = (more: string, why: string): string =>
  more && why.startsWith('- ') ? `${more}\n\n${why}` : joined('<br>', [more, why]);

/** What happened and why, line by line; what the headline says is not said again. */
function reasons(failure: Failure, headline: string): string {
  const { what, why, code: azureCode, correlationId } = failure;
  const isSaid = headline.startsWith(what.replace(/\.$/, ''));
  return [isSaid ? undefined : what, why]
    .flatMap((text) => text?.split(/[\r\n]+/) ?? [])
    .map((line) => (line.startsWith('- ') ? `- ${shownText(line.slice(2))}` : shownText(line)))
    .concat(azureCode ? `Azure's code: ${code(azureCode)}` : [])
    .concat(correlationId ? `Correlation ID: ${code(correlationId)}` : [])
    .reduce((text, line) => (text ? withLine(text, line) : line), '');
}

function withLine(text: string, line: string): string {
  const afterItem = /(^|\n)- [^\n]*$/.test(text);
  if (line.startsWith('- ')) return `${text}${afterItem ? '\n' : '\n\n'}${line}`;
  return `${text}${afterItem ? '\n\n' : '<br>'}${line}`;
}

const failedIn = ({ replication }: RunRecord): string =>
  failedRegions(replication)
    .map(({ region }) => code(region))
    .join(', ');

/** A version that one region lacks is not what `latest` means there. */
function latestWarning(record: RunRecord): string {
  const failed = failedIn(record);
  const { target, dryRun, versionKnown, replication } = record;
  if (!failed || !target || target.excludeFromLatest || dryRun || !versionKnown) return '';
  if (!replication.some(({ state }) => state === 'Completed')) return '';
  return `⚠️ <code>latest</code> is incomplete: in ${failed} it still means an older version, or none.`;
}

/** Where each cloud shows a resource (Learn: "Azure Government: compare", "Azure China: endpoints"). */
const PORTALS: Readonly<Record<CloudName, string>> = {
  AzureCloud: 'https://portal.azure.com',
  AzureUSGovernment: 'https://portal.azure.us',
  AzureChinaCloud: 'https://portal.azure.cn',
};

/** The portal of a cloud; `undefined` for one that is not Azure's own. */
export const portalOf = (environment: SignIn['environment']): string | undefined =>
  environment instanceof URL ? undefined : PORTALS[environment];

/** A resource by its name, as a link to the portal where there is one. */
function resourceLink(id: string, portal: string | undefined, name = nameOf(id)): string {
  return portal ? link(code(name), `${portal}/#resource${id}`) : code(name);
}

/** The resources that the run is about, as links. */
function resourceLinks(record: RunRecord): string {
  const { target, portal, versionKnown, before } = record;
  if (!target) return '';
  const about = aboutOf(record);
  if (about === 'vm') return target.vm ? `VM: ${resourceLink(target.vm, portal)}` : '';
  const isPrune = about === 'definition';
  const definition = isPrune ? target.version : parentId(target.version);
  const gallery = parentId(definition);
  const isThere = isKept(record) && (versionKnown || before.length > 0);
  return joined(' · ', [
    isThere &&
      !isPrune &&
      `Version: ${resourceLink(target.version, portal, fullNameOf(target.version))}`,
    target.vm && `Build VM: ${resourceLink(target.vm, portal)}`,
    target.source &&
      target.source !== target.version &&
      `Copy of: ${resourceLink(target.source, portal)}`,
    `Definition: ${resourceLink(definition, portal)}`,
    `Gallery: ${resourceLink(gallery, portal)}`,
  ]);
}

/** The ID of a version that exists, once and ready to copy. */
function versionBlock(record: RunRecord): string {
  const { target, versionKnown, failure } = record;
  return target && versionKnown && !failure?.paste && !hasDeleted(record, 'verified-version')
    ? block(target.version)
    : '';
}

function traits(record: RunRecord): string {
  const { target, latestAfter, failure } = record;
  if (!target || isRefused(record) || (!record.versionKnown && !record.dryRun)) return '';
  if (hasDeleted(record, 'verified-version')) return '';
  const isOpen = latestAfter || (failure && !target.excludeFromLatest) || failedIn(record);
  return joined(' · ', [
    !isOpen &&
      `In <code>latest</code>: ${target.excludeFromLatest ? 'no' : stateOf(record) === 'replicating' ? 'yes, where it is complete' : 'yes'}`,
    target.endOfLife && `End of life: ${dayOf(target.endOfLife)}`,
    storageOf(record),
  ]);
}

function next(record: RunRecord): string {
  const { target, failure, dryRun } = record;
  if (failure) {
    if (isRefused(record) || !failure.remedy) return '';
    const { paste, remedy } = failure;
    const text = `**Do this next:** ${remedy
      .split(/[\r\n]+/)
      .map(shownText)
      .join('<br>')}`;
    return paste ? `${text}\n\n${block(paste.text, paste.language)}` : text;
  }
  if (!target || dryRun || !['version', 'vm'].includes(aboutOf(record))) return '';
  const isVersion = aboutOf(record) === 'version';
  const isSwapped = doneIn(record).some(
    (step) =>
      (step.do === 'exchange' || step.do === 'create') && step.of.some(({ replaces }) => replaces),
  );
  const lines = joined('\n- ', [
    stateOf(record) === 'replicating' &&
      `A region can use the version once it is complete there. To wait for that in the deploy job, run ${code('operation: wait')} with the output ${code('image-version-id')} as ${code('source-image-version')}.`,
    isVersion &&
      movedTo(record) !== 'out of' &&
      `Deploy exactly this version: give the output ${code('image-version-id')} to the deploy job, as the image reference of a scale set or a VM.`,
    isVersion &&
      record.snapshotIds.length > 0 &&
      'The snapshots hold the disks as they were before the change. Delete them when you no longer need them.',
    isSwapped &&
      !hasDeleted(record, 'old-disks') &&
      `The old disks stay, unattached. Delete them when you no longer need them${target.deletesOld ? '' : `, or let ${code('old-disks: delete')} do it`}.`,
    keptDisks(record),
    isVersion &&
      target.excludeFromLatest &&
      `The version is excluded from <code>latest</code>. To include it, run ${code('operation: promote')} with ${code('exclude-from-latest: false')}.`,
  ]);
  return lines && `#### What next\n\n- ${lines}`;
}

/** Replaced disks that were to be deleted, and stay; each has a warning of its own. */
function keptDisks({ keptDisks: ids = [] }: RunRecord): string {
  if (ids.length === 0) return '';
  const it = number(ids.length, 'it', 'them');
  return `Not deleted, for the reason in ${number(ids.length, 'the warning', 'the warnings')}: ${ids.map((id) => code(nameOf(id))).join(', ')}. Delete ${it} when you no longer need ${it}.`;
}

/** What a VM comes back from, as a table. */
function restoredOf({ target }: RunRecord): string {
  if (!target?.disks) return '';
  const rows = target.disks.map(({ lun, snapshot, disk, replaces }) => [
    lun === undefined ? 'OS disk' : `LUN ${lun}`,
    code(nameOf(snapshot)),
    code(nameOf(disk)),
    replaces ? code(nameOf(replaces)) : '–',
  ]);
  return table(['Disk', 'Snapshot', 'New disk', 'Replaces'], rows);
}

function snapshots({ snapshotIds }: RunRecord): string {
  if (snapshotIds.length === 0) return '';
  return folded(
    `Snapshots before the change: ${counted(snapshotIds.length, 'disk')}`,
    block(snapshotIds.join('\n')),
  );
}

/** What is known of whether the image works, in a fold; empty when nothing is. */
function verificationOf(record: RunRecord): string {
  const { verification } = record;
  if (!verification) return '';
  const { passed, vmSize, region } = verification;
  const parts = timesOf(verification);
  return folded(
    `Verification ${passed ? 'passed' : 'failed'}${parts ? `: ${parts}` : ''}`,
    `A throw-away VM of size ${code(vmSize)} in ${code(region)}.${hasDeleted(record, 'verify-vm') ? ' It was deleted.' : ''}`,
  );
}
