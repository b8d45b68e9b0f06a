/** Guest patches: `assessPatches` and `installPatches`. Which there are only the guest can tell. */
import { type Arm, type ArmRequest, inGroup, type Reply } from '../arm.ts';
import { stamp } from '../clock.ts';
import { invalidParameter } from '../errors.ts';
import { type JsonObject, listAt, textAt } from '../json.ts';
import { requireVm } from '../vm/show.ts';
import { requireRunnable } from './run-command.ts';

/** Seconds either takes: recorded from 137 to 1,226. */
const patchSeconds = 180;

/** Registers both actions. */
export function registerVmPatches(arm: Arm): void {
  for (const name of ['assessPatches', 'installPatches'] as const) {
    const pattern = inGroup(`Microsoft.Compute/virtualMachines/{vm}/${name}`);
    arm.route('POST', pattern, 'recordings', (request) => patch(arm, request, name));
  }
}

function patch(arm: Arm, request: ArmRequest, name: 'assessPatches' | 'installPatches'): Reply {
  const vm = requireVm(arm, request);
  requireRunnable(arm, vm);
  requireKnowledgeBaseIds(request.body);
  const startDateTime = stamp(arm.now());
  const activity = arm.random.uuid();
  const operation = arm.operations.start(request, {
    kind: 'operations',
    location: textAt(vm, 'location') ?? '',
    name: `POST virtualMachines/${name}`,
    resource: vm.id,
    seconds: patchSeconds,
    onEnd: () => ({
      output:
        name === 'assessPatches'
          ? assessed(activity, startDateTime)
          : installed(activity, startDateTime),
    }),
  });
  return operation.reply(202, undefined, { location: true });
}

/** (Recorded in test_vm_install_patches.) */
function requireKnowledgeBaseIds(body: JsonObject): void {
  for (const each of listAt(body, 'windowsParameters', 'kbNumbersToInclude')) {
    if (typeof each === 'string' && /^KB\d+$/i.test(each)) continue;
    throw invalidParameter(
      `The entry in 'kbNumbersToInclude' with value '${each}' is not valid. It must be a KBID such as KB4512508.`,
      'windowsParameters.kbNumbersToInclude',
    );
  }
}

function assessed(assessmentActivityId: string, startDateTime: string): JsonObject {
  const counts = { criticalAndSecurityPatchCount: 0, otherPatchCount: 0 };
  const base = { status: 'Succeeded', assessmentActivityId, rebootPending: false };
  return { ...base, ...counts, startDateTime, availablePatches: [] };
}

function installed(installationActivityId: string, startDateTime: string): JsonObject {
  return {
    status: 'Succeeded',
    installationActivityId,
    rebootStatus: 'NotNeeded',
    maintenanceWindowExceeded: false,
    excludedPatchCount: 0,
    notSelectedPatchCount: 0,
    pendingPatchCount: 0,
    installedPatchCount: 0,
    failedPatchCount: 0,
    patches: [],
    startDateTime,
  };
}
