import type { Finding } from '../../../src/domain/finding.ts';
import type { Inventory } from '../../../src/domain/observed.ts';
import type { RestoreRequest } from '../../../src/domain/request.ts';
import type { RestoreFacts } from '../../../src/domain/restore.ts';
import type { Lock } from '../../../src/domain/subscription.ts';
import type { Disk, Snapshot } from '../../../src/domain/vm.ts';
import { rulesOf } from '../../../src/plan/preflight/chapters.ts';
import { contextOf } from '../../../src/plan/preflight/context.ts';
import { type Judgement, judge } from '../../../src/plan/preflight/rule.ts';
import { resolveRestore } from '../../../src/plan/resolve-restore.ts';
import { planRestore } from '../../../src/plan/restore.ts';
import { GROUP, inventory, origin, osDisk, VM_ID } from '../worlds.ts';

/** What differs from the plainest restore that succeeds: of a running VM with one disk. */
export interface RestoreCase {
  readonly asked?: Partial<RestoreRequest>;
  readonly seen?: Partial<Inventory>;
  /** What the disks come from, and which of the named snapshots exist. */
  readonly facts?: Partial<RestoreFacts>;
  /** `null`: they cannot be read. */
  readonly locks?: readonly Lock[] | null;
}

export const restoreRequest = (change: Partial<RestoreRequest> = {}): RestoreRequest => ({
  operation: 'restore',
  vm: VM_ID,
  snapshotIds: [],
  oldDisks: 'keep',
  recreate: false,
  ...change,
});

const KEY = '0123456789abcdef01234567';

/** A snapshot of the state before a change, of the OS disk unless the case says otherwise. */
export const snapshot = (role = 'os', change: Partial<Snapshot> = {}): Snapshot => ({
  id: `${GROUP}/snapshots/build-${role}-${KEY}`,
  sourceId: `${GROUP}/disks/build-os`,
  sourceUniqueId: 'one',
  published: new Date('2026-11-22T09:00:00Z'),
  incremental: true,
  tags: {},
  ...change,
});

/** Where the OS disk comes from. */
export const osRoot = { ancestors: [{ id: `${GROUP}/disks/build-os`, uniqueId: 'one' }] };

/** The new OS disk of this run, made of the plain snapshot, as an earlier attempt left it. */
export function newDisk(change: Partial<Disk> = {}, asked: Partial<RestoreRequest> = {}): Disk {
  const facts = { roots: [osRoot], named: [snapshot()], versionsSeen: true };
  const seen = inventory({ snapshotsBeside: [snapshot()], made: [], restore: facts });
  const [disk] = resolveRestore(restoreRequest(asked), origin(), seen)?.disks ?? [];
  if (!disk) throw new Error('The plain restore resolves to nothing');
  return osDisk({ id: disk.disk, sourceId: disk.snapshot, attachedTo: [], ...change });
}

/** What the rules say. */
export function judgementOf({ asked, seen, facts, locks = [] }: RestoreCase): Judgement {
  const request = restoreRequest(asked);
  const found = inventory({
    gallery: undefined,
    definition: undefined,
    snapshotsBeside: [snapshot()],
    made: [],
    restore: { roots: [osRoot], named: [], versionsSeen: true, ...facts },
    ...seen,
  });
  const target = resolveRestore(request, origin(), found);
  const disks = [...found.disks, ...(found.made ?? [])];
  const steps = target ? planRestore(target, { vm: found.vm, disks }) : [];
  const context = contextOf('restore', {
    request,
    inventory: found,
    target,
    dryRun: false,
    origin: origin(),
    steps,
    ...(locks && { locks }),
  });
  return judge(rulesOf('restore'), context);
}

export const findingsOf = (facts: RestoreCase): readonly Finding[] => judgementOf(facts).findings;
