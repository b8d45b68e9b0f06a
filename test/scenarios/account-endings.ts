/** Every kind of ending a run can have, by the name of its file in `accounts/`. */
import type { LocalAzure } from '../../local-azure/src/azure.ts';
import { asResource } from '../../local-azure/src/world.ts';
import { cancelled, timedOut } from '../../src/action.ts';
import type { Failure } from '../../src/domain/failure.ts';
import type { PromoteRequest, WaitFor } from '../../src/domain/request.ts';
import { prunes } from './account-prunes.ts';
import { restores } from './account-restores.ts';
import { fails } from './failing-regions.ts';
import {
  awaitIt,
  buildVm,
  capture,
  localAzure,
  promote,
  type Run,
  type RunOptions,
  verifyIt,
  verifySettings,
} from './harness.ts';
import { DESTINATION, devAndProduction } from './promotion.ts';
import { putVersion } from './stored-version.ts';

/** Brings about one ending. */
export type Account = () => Promise<Run>;

const REGIONS = [{ name: 'westeurope' }, { name: 'northeurope', replicas: 3 }];
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const WAITS: readonly WaitFor[] = ['replicated', 'home', 'none'];
const NAMES: Readonly<Record<WaitFor, string>> = { replicated: 'all', home: 'home', none: 'none' };

/** A signal that aborts with this failure after so many seconds. */
function endingAfter(seconds: number, failure: Failure): AbortSignal {
  const end = new AbortController();
  setTimeout(() => end.abort(failure), seconds * 1000);
  return end.signal;
}

/** A world in which the identity has nothing but the built-in role Reader on the subscription. */
function readable(azure = localAzure()): LocalAzure {
  const subscription = `/subscriptions/${azure.subscriptionId}`;
  const authorization = `${subscription}/providers/Microsoft.Authorization`;
  azure.world.put(
    asResource({
      id: `${authorization}/roleAssignments/00000000-0000-0000-0000-000000000001`,
      properties: { roleDefinitionId: `${authorization}/roleDefinitions/${READER}` },
    }),
  );
  return azure;
}

/** A world in which the identity has no right on what the run is about. */
function unreadable(azure: LocalAzure): LocalAzure {
  const other = `${buildVm(azure).split('/virtualMachines/')[0]}/galleries/other`;
  const id = `${other}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-000000000001`;
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${READER}`;
  azure.world.put(asResource({ id, properties: { roleDefinitionId } }));
  return azure;
}

const captured = (
  azure: LocalAzure,
  request: RunOptions['request'] = {},
  more: Omit<RunOptions, 'request'> = {},
) => capture(azure, { ...more, request: { regions: REGIONS, snapshot: true, ...request } });

const promoted = (azure: LocalAzure, asked: Partial<PromoteRequest> = {}, more: RunOptions = {}) =>
  promote(azure, { destination: DESTINATION, regions: REGIONS, ...asked }, more);

const captures: Readonly<Record<string, Account>> = {
  'capture-dry-run': () => captured(localAzure(), {}, { dryRun: true }),
  'capture-dry-run-repeated': async () => {
    const azure = localAzure();
    await captured(azure);
    return captured(azure, {}, { dryRun: true });
  },
  'capture-dry-run-refused': () =>
    captured(localAzure(), { regions: [{ name: 'atlantis' }] }, { dryRun: true }),
  'capture-dry-run-rights-missing': () => captured(unreadable(localAzure()), {}, { dryRun: true }),
  'capture-refused': () =>
    captured(localAzure(), {
      regions: [{ name: 'atlantis' }, { name: 'northeurope', replicas: 101 }],
    }),
  'capture-rights-missing': () => captured(readable()),
  'capture-repeated': async () => {
    const azure = localAzure();
    await captured(azure);
    return captured(azure);
  },
  'capture-repeated-while-replicating': async () => {
    const azure = localAzure();
    await captured(azure, { waitFor: 'none' });
    return captured(azure, { waitFor: 'none' });
  },
  'capture-excluded-from-latest': () => captured(localAzure(), { excludeFromLatest: true }),
  'capture-deleting-the-vm': () => captured(localAzure(), { afterCapture: 'delete' }),
  'capture-failed-region': async () => {
    const azure = localAzure();
    fails(azure, 9);
    return captured(azure);
  },
  'capture-failed-version': async () => {
    const azure = localAzure();
    const error = { code: 'InternalOperationError', message: 'Copy job broke.' };
    azure.faults.add({
      match: { method: 'PUT', path: '**/versions/*' },
      times: 9,
      fate: { operation: { status: 'Failed', error } },
    });
    return captured(azure);
  },
  'capture-failed-guest': () =>
    captured(localAzure(), { deprovisionScript: 'echo "licence server says no"\nexit 3' }),
  'capture-failed-after-completion': async () => {
    const azure = localAzure();
    const error = { code: 'ScopeLocked', message: 'The scope is locked.' };
    const fate = { status: 409, body: { error } };
    azure.faults.add({ match: { method: 'DELETE', path: '**/virtualMachines/*' }, times: 9, fate });
    return captured(azure, { afterCapture: 'delete' });
  },
  'capture-cancelled-early': () =>
    captured(localAzure(), {}, { signal: endingAfter(20, cancelled()) }),
  'capture-cancelled': () => captured(localAzure(), {}, { signal: endingAfter(240, cancelled()) }),
  'capture-timed-out': () =>
    captured(localAzure(), {}, { signal: endingAfter(240, timedOut(240)) }),
};

const promotions: Readonly<Record<string, Account>> = {
  'promote-dry-run': async () => promoted(await devAndProduction(), {}, { dryRun: true }),
  'promote-refused': async () =>
    promoted(await devAndProduction(), { regions: [{ name: 'atlantis' }] }),
  'promote-rights-missing': async () => promoted(readable(await devAndProduction())),
  'promote-repeated': async () => {
    const azure = await devAndProduction();
    await promoted(azure);
    return promoted(azure);
  },
  'promote-into-latest': async () =>
    promote(await devAndProduction(), { regions: REGIONS, excludeFromLatest: false }),
  'promote-out-of-latest': async () => {
    const azure = localAzure();
    await captured(azure);
    return promote(azure, { excludeFromLatest: true, allowNoLatest: true });
  },
  'promote-failed-region': async () => {
    const azure = await devAndProduction();
    fails(azure, 9);
    return promoted(azure);
  },
  'promote-cancelled': async () =>
    promoted(await devAndProduction(), {}, { signal: endingAfter(60, cancelled()) }),
  'promote-timed-out': async () =>
    promoted(await devAndProduction(), {}, { signal: endingAfter(60, timedOut(60)) }),
};

const waits: Readonly<Record<string, Account>> = {
  'wait-for-a-version': async () => {
    const azure = localAzure();
    await captured(azure, { waitFor: 'none' });
    return awaitIt(azure, '1.0.0');
  },
  'wait-repeated': async () => {
    const azure = localAzure();
    await captured(azure);
    return awaitIt(azure, 'latest');
  },
  'wait-refused': () => awaitIt(localAzure(), '9.9.9'),
  'wait-timed-out': async () => {
    const azure = localAzure();
    await captured(azure, { waitFor: 'none' });
    return awaitIt(azure, '1.0.0', { signal: endingAfter(60, timedOut(60)) });
  },
};

const verifications: Readonly<Record<string, Account>> = {
  'verify-passed': async () => {
    const azure = localAzure();
    putVersion(azure, [{ name: 'West Europe' }]);
    return verifyIt(azure, { script: 'echo fine' });
  },
  'verify-script-failed': async () => {
    const azure = localAzure();
    putVersion(azure, [{ name: 'West Europe' }]);
    return verifyIt(azure, { script: 'echo "no nginx"; exit 3' });
  },
  'capture-verified': async () => {
    const azure = localAzure();
    return captured(azure, { verify: verifySettings(azure, { script: 'exit 0' }) });
  },
  'capture-verification-failed': async () => {
    const azure = localAzure();
    return captured(azure, { verify: verifySettings(azure, { script: 'exit 3' }) });
  },
  'capture-ephemeral': async () => {
    const azure = localAzure();
    const verify = verifySettings(azure, { script: 'exit 0' });
    return captured(azure, { ephemeral: true, regions: [], verify });
  },
};

/** One ending for each `wait-for`. */
const forEachWait = (name: string, run: (waitFor: WaitFor) => Promise<Run>) =>
  WAITS.map((waitFor): [string, Account] => [`${name}-${NAMES[waitFor]}`, () => run(waitFor)]);

/** Every ending, by the name of its file. */
export const ENDINGS: Readonly<Record<string, Account>> = {
  ...Object.fromEntries([
    ...forEachWait('capture-wait-for', (waitFor) => captured(localAzure(), { waitFor })),
    ...forEachWait('promote-wait-for', async (waitFor) =>
      promoted(await devAndProduction(), { waitFor }),
    ),
    ...forEachWait('wait-wait-for', async (waitFor) => {
      const azure = localAzure();
      await captured(azure, { waitFor: 'none' });
      return awaitIt(azure, '1.0.0', { waitFor });
    }),
  ]),
  ...captures,
  ...promotions,
  ...waits,
  ...verifications,
  ...prunes,
  ...restores,
};
