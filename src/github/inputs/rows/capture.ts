import { distinctBy, jsonIn } from '../../../domain/plain-objects.ts';
import { parseResourceId, SNAPSHOT } from '../../../domain/resource-id.ts';
import {
  type Check,
  FLAG,
  Problem,
  parseChoice,
  parseCount,
  parseDuration,
  parseScript,
  partsOf,
  type Rows,
  shorten,
} from '../row.ts';

/** Sets of snapshots of a VM. */
const MOST_SETS = 100;
/** As many disks as a VM can have. */
const MOST_SNAPSHOTS = 65;

/** Resource IDs of snapshots: a JSON array, or with white space or commas between them. */
function parseSnapshotIds(text: string): readonly string[] | Problem {
  const entries = text.startsWith('[') ? textsIn(text) : partsOf(text, /[\s,]+/);
  if (!entries) return new Problem('which is no JSON array of resource IDs');
  if (entries.length > MOST_SNAPSHOTS)
    return new Problem(
      `which has ${entries.length} entries: a VM has ${MOST_SNAPSHOTS} disks at most`,
    );
  const wrong = entries.find(
    (entry) => parseResourceId(entry)?.type.toLowerCase() !== SNAPSHOT.toLowerCase(),
  );
  if (wrong !== undefined)
    return new Problem(`in which "${shorten(wrong)}" is no resource ID of a snapshot`);
  return distinctBy(entries, (id) => id.toLowerCase());
}

function textsIn(text: string): string[] | undefined {
  const found = jsonIn(text);
  return Array.isArray(found) && found.every((each) => typeof each === 'string')
    ? found
    : undefined;
}

const notWithoutDeprovision: Check = ({ name, value }) =>
  value('deprovision') === 'never' &&
  `\`${name}\` is given, but with \`deprovision: never\` it is not used. Remove one of them.`;

/** What is done to the build VM, before and after. */
export const CAPTURE = {
  snapshot: {
    operations: ['capture'],
    ...FLAG,
    about:
      'Whether to snapshot every disk before the first change to the VM: `true` or `false`. The snapshots are incremental, and deny access from every network.',
  },
  'snapshot-retention': {
    operations: ['capture', 'prune'],
    parse: parseCount(MOST_SETS),
    about:
      "How many sets of snapshots of this VM to keep, including this run's, 1 to 100. Older ones that this repository took are deleted after everything else has succeeded. `prune` deletes them too, of the VM in `vm`.",
    otherwise: 'all are kept',
    example: '5',
    checks: [
      ({ operation, has }) =>
        operation === 'prune' &&
        !has('vm') &&
        '`snapshot-retention` is given, but no `vm`. Give the build VM whose snapshots it is about.',
      ({ operation, value }) =>
        operation === 'capture' &&
        value('snapshot') === false &&
        '`snapshot-retention` is given, but without `snapshot: true` it is not used.',
    ],
  },
  deprovision: {
    operations: ['capture'],
    parse: parseChoice('auto', 'always', 'never'),
    about:
      'Whether to remove users, keys and machine identity from the guest. `auto`: a running VM is deprovisioned, a generalized one is captured as it is, and one that is only stopped is refused. Nothing is done for a specialized definition. `always`: a stopped VM is started first. `never`: you guarantee that it was done.',
    default: 'auto',
  },
  'deprovision-script': {
    operations: ['capture'],
    parse: parseScript,
    about:
      'A script to run in the guest before the built-in deprovision, for agents, domain identities or licences. On Linux it runs as root, and its first line can name the interpreter. On Windows it runs as SYSTEM, in PowerShell 5.1. If it fails, nothing else is done and the VM stays running. Begin several commands of a shell with `set -e`: without it, only the last one counts.',
    otherwise: 'none',
    example: 'systemctl disable --now my-agent',
    checks: [notWithoutDeprovision],
  },
  'deprovision-timeout-minutes': {
    operations: ['capture'],
    parse: parseDuration(60, 24 * 60),
    about:
      'How long the deprovision is allowed to take in the guest, in minutes; fractions are allowed. A Windows guest stops trying a minute earlier, and needs 5 minutes at least.',
    default: '30',
    checks: [notWithoutDeprovision],
  },
  'capture-from': {
    operations: ['capture'],
    parse: parseChoice('auto', 'vm', 'disks'),
    about:
      'What the version is created from. `auto`: the VM, or a temporary managed image of it if the definition only supports Trusted Launch or confidential VMs. `vm`: only the VM. `disks`: snapshots of the deprovisioned disks, which are deleted afterwards; the VM is then never generalized.',
    default: 'auto',
  },
  'after-capture': {
    operations: ['capture'],
    parse: parseChoice('keep', 'restore', 'delete'),
    about:
      'What happens to the VM: `keep`, `restore` or `delete`. `restore`, with `snapshot: true` and `capture-from: disks`, gives it new disks of its snapshots and its power state back while the version replicates. `delete` deletes it once every region is complete. It also deletes the disks, network interfaces and public IP addresses that are attached only to it, if they are in its resource group or set to be deleted with it; the plan names each.',
    default: 'keep',
    checks: [
      ({ value }) =>
        value('after-capture') === 'delete' &&
        value('ephemeral') !== true &&
        (value('wait-for') !== 'replicated' || value('replication-mode') === 'Shallow') &&
        '`after-capture` is "delete", which is safe only with `wait-for: replicated` and `replication-mode: Full`: until then the version needs the VM.',
      ({ value }) =>
        value('after-capture') === 'restore' &&
        (value('capture-from') !== 'disks' || value('snapshot') !== true) &&
        '`after-capture` is "restore", which needs `capture-from: disks` and `snapshot: true`: the VM comes back from its snapshots while the version is made of others.',
      ({ value }) =>
        value('after-capture') === 'restore' &&
        (value('ephemeral') === true || value('replication-mode') === 'Shallow') &&
        '`after-capture` is "restore", which needs `replication-mode: Full` and no `ephemeral`: a Shallow version depends on the disks that the VM leaves.',
      ({ value }) =>
        value('after-capture') === 'restore' &&
        value('deprovision') === 'never' &&
        '`after-capture` is "restore", but with `deprovision: never` the guest is not changed: its snapshots are deprovisioned too. Remove one of them.',
    ],
  },
} satisfies Rows;

/** How a VM comes back. */
export const RESTORE = {
  'snapshot-ids': {
    operations: ['restore'],
    parse: parseSnapshotIds,
    about:
      'The snapshots to go back to, as resource IDs: a JSON array as in the output of the same name, or with lines, commas or spaces between them. Give one for each disk; a disk without one stays as it is.',
    otherwise:
      'the newest complete set that this repository took of the VM before a change, `snapshot: true` of a capture',
    example: 'needs.capture.outputs.snapshot-ids',
  },
  'old-disks': {
    operations: ['restore', 'capture'],
    parse: parseChoice('keep', 'delete'),
    about:
      'What happens to the disks that are replaced: `keep` or `delete`. A restore deletes them only after the VM has its new disks and, if it ran before, runs again. A capture with `after-capture: restore` deletes them once every region is complete.',
    default: 'keep',
    checks: [
      ({ operation, value }) =>
        operation === 'capture' &&
        value('after-capture') !== 'restore' &&
        '`old-disks` is given, but without `after-capture: restore` a capture replaces no disk. Remove one of them.',
      ({ operation, value }) =>
        operation === 'capture' &&
        value('old-disks') === 'delete' &&
        value('wait-for') !== 'replicated' &&
        '`old-disks` is "delete", which needs `wait-for: replicated`: until then a version that fails is made again of them.',
    ],
  },
  recreate: {
    operations: ['restore'],
    ...FLAG,
    about:
      'Whether a generalized VM is allowed to be deleted and created again of the restored disks: `true` or `false`. Azure never lets a generalized VM start again. The plan names what is lost, such as `vmId` and extensions.',
  },
} satisfies Rows;
