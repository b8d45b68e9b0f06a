/**
 * `node live/questions.ts PHASE`: asks Azure what only a subscription can answer, and
 * adds a line of Markdown to the job summary for each question: the answer, beside what the local Azure
 * assumes. Nothing here stops at a refusal, which is an answer. live.yml runs a phase between two steps of
 * the action; the VM is called `live`, the definitions are `captured` and `supported`.
 */
import { appendFileSync } from 'node:fs';
import { type Answer, ask, outcome, pause, settled, speed, subscriptionId } from './azure.ts';

const { GROUP: group, GALLERY: gallery, LOCATION: location, SYSTEM: system } = process.env;
const compute = `${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Compute`;
const VM = '?api-version=2024-07-01';
const DISK = '?api-version=2024-03-02';
const IMAGE = '?api-version=2025-03-03';
const vm = `${compute}/virtualMachines/live`;
const versions = `${compute}/galleries/${gallery}/images/captured/versions`;
const isLinux = system !== 'Windows';

function answer(question: string, observed: unknown, assumed = '') {
  const seen = String(observed ?? 'nothing');
  const same = assumed === '' ? '' : seen === assumed ? '=' : '≠';
  const row = `| ${system}: ${question} | ${seen} | ${assumed} | ${same} |\n`;
  process.stdout.write(row);
  appendFileSync(process.env.GITHUB_STEP_SUMMARY ?? '/dev/null', row);
}

/** Looks until there is something to see: how many seconds that took, and what it was. */
async function until<T>(mostSeconds: number, look: () => Promise<T | undefined>) {
  const began = Date.now();
  for (;;) {
    const found = await look();
    const seconds = Math.round(((Date.now() - began) / 1000) * speed);
    if (found !== undefined || seconds > mostSeconds) return { seconds, found };
    await pause(5);
  }
}

const power = async (): Promise<string> => {
  const { body } = await ask('GET', `${vm}/instanceView${VM}`);
  const codes: { code?: string }[] = body.statuses ?? [];
  return codes.find(({ code }) => code?.startsWith('PowerState/'))?.code?.slice(11) ?? 'unknown';
};
const isPower = (wanted: string) => async () => (await power()) === wanted || undefined;

const runShell = (...script: string[]) =>
  ask('POST', `${vm}/runCommand${VM}`, { commandId: 'RunShellScript', script });

/** Shell that writes a line to every console but the screen. */
const toConsole = (line: string) =>
  `for name in $(cat /sys/class/tty/console/active); do [ $name = tty1 ] || echo ${line} > /dev/$name; done`;

/** `heard` is what became of the last look: a log that nobody could read shows nothing of what is in it. */
async function onConsole(line: string, mostSeconds: number) {
  let heard = 'accepted';
  const looked = await until(mostSeconds, async () => {
    const links = await ask('POST', `${vm}/retrieveBootDiagnosticsData${VM}`);
    heard = outcome(links);
    const url = links.body.serialConsoleLogBlobUri;
    if (heard !== 'accepted' || !url) return;
    const response = await fetch(url);
    if (!response.ok && response.status !== 404) heard = `no answer, ${response.status}`;
    return (await response.text()).includes(line) || undefined;
  });
  return { ...looked, heard };
}

/** What a version is answered that is made of these, and what becomes of it. */
async function version(definition: string, name: string, profile: object, publishing: object = {}) {
  const id = `${compute}/galleries/${gallery}/images/${definition}/versions/${name}${IMAGE}`;
  const begun = await ask('PUT', id, {
    location,
    properties: {
      storageProfile: profile,
      publishingProfile: { replicationMode: 'Shallow', excludeFromLatest: true, ...publishing },
    },
  });
  const end = async (): Promise<string> => {
    const ended = await settled(begun);
    const { error, status } = ended.body;
    const heard = outcome(ended);
    if (heard !== 'accepted') return heard;
    if (error) console.error(`${name} ended: ${error.code} ${error.message}`);
    if (status === 'Succeeded') return 'accepted';
    return /failed|canceled/i.test(status) ? 'refused' : `no end, ${status}`;
  };
  return { begun, end };
}

async function before() {
  const { body } = await ask(
    'GET',
    `${subscriptionId}/providers/Microsoft.Compute?api-version=2021-04-01`,
  );
  const types: { resourceType: string; apiVersions: string[] }[] = body.resourceTypes;
  // What the action asks for first; it takes an older one where this is missing.
  for (const [type, wanted] of [
    ['virtualMachines', '2026-04-01'],
    ['galleries/images/versions', '2025-12-03'],
    ['disks', '2026-03-02'],
  ]) {
    const offered = types.find(({ resourceType }) => resourceType === type)?.apiVersions ?? [];
    const stable = offered.filter((each) => !each.includes('preview')).sort();
    const here = offered.includes(wanted ?? '') ? 'offered' : `no, at most ${stable.at(-1)}`;
    answer(`API version ${wanted} of \`${type}\``, here, 'offered');
  }
  await settled(await ask('PATCH', `${vm}${VM}`, { tags: { first: '1' } }));
  await settled(await ask('PATCH', `${vm}${VM}`, { tags: { second: '2' } }));
  const { tags } = (await ask('GET', `${vm}${VM}`)).body;
  const kept = tags?.first ? 'merge' : 'replace';
  answer('Tags in a PATCH of a VM', tags?.second ? kept : 'refused', 'replace');
  await (isLinux ? consoleOfLinux() : commandOfWindows());
}

async function consoleOfLinux() {
  await settled(await runShell(toConsole('live-running')));
  const { seconds, found, heard } = await onConsole('live-running', 900);
  const waited = heard === 'accepted' ? found && seconds : heard;
  answer('Seconds until the console of a running VM shows a line', waited, '15');
  // In a file, because systemd would expand the dollar signs.
  await settled(
    await runShell(
      "cat > /run/live-last.sh << 'END'",
      toConsole('live-last'),
      'shutdown -h now',
      'END',
      'systemd-run --unit=live-last --on-active=10 /bin/sh /run/live-last.sh',
    ),
  );
  const off = await until(600, isPower('stopped'));
  const last = await onConsole('live-last', 300);
  const unheard = last.heard === 'accepted' ? 'lost' : last.heard;
  const missing = off.found ? unheard : 'it did not power off';
  answer('A line right before a guest powers itself off', last.found ? 'shown' : missing, 'shown');
  await settled(await ask('POST', `${vm}/start${VM}`));
  await until(600, async () => {
    const view = (await ask('GET', `${vm}/instanceView${VM}`)).body;
    return view.vmAgent?.statuses?.[0]?.displayStatus === 'Ready' || undefined;
  });
}

async function commandOfWindows() {
  const command = `${vm}/runCommands/live`;
  await ask('PUT', `${command}${VM}`, {
    location,
    properties: {
      source: { script: 'Write-Output first; Start-Sleep 240; Write-Output last' },
      asyncExecution: true,
      timeoutInSeconds: 600,
    },
  });
  const view = async () =>
    (await ask('GET', `${command}${VM}&$expand=instanceView`)).body.properties?.instanceView;
  const early = await until(600, async () => {
    const { output, executionState } = (await view()) ?? {};
    return output?.includes('first') || executionState === 'Succeeded' ? executionState : undefined;
  });
  answer('State of a run command when its first output shows', early.found, 'Running');
  await until(600, async () => ((await view())?.executionState === 'Succeeded' ? true : undefined));
  await settled(await ask('DELETE', `${command}${VM}`));
}

/** The VM is generalized, and its version stands. */
async function captured() {
  if (isLinux) {
    // The marks by which a re-run proves that the guest is deprovisioned.
    const { found, heard } = await onConsole('azure-golden-image[', 60);
    const missing = heard === 'accepted' ? 'gone' : heard;
    answer('The serial log of a deallocated VM', found ? 'kept' : missing, 'kept');
  }
  const refused = async (question: string, asked: Promise<Answer>) =>
    answer(question, outcome(await asked), 'refused');
  await refused(
    'PATCH of the tags of a generalized VM',
    ask('PATCH', vm + VM, { tags: { a: '1' } }),
  );
  const { storageProfile } = (await ask('GET', vm + VM)).body.properties;
  const osDisk = { ...storageProfile.osDisk, deleteOption: 'Delete' };
  await refused(
    'PATCH of a delete option of a generalized VM',
    ask('PATCH', vm + VM, { properties: { storageProfile: { osDisk } } }),
  );
  await refused('Another deallocate of a generalized VM', ask('POST', `${vm}/deallocate${VM}`));
  const [first] = (await ask('GET', versions + IMAGE)).body.value;
  const { storageAccountStrategy } = first.properties.publishingProfile;
  answer('`storageAccountStrategy` in a GET of a version', storageAccountStrategy);

  const regions = [location, process.env.SECOND_LOCATION].map((name) => ({ name }));
  const second = await version(
    'captured',
    '9.9.9',
    { source: { virtualMachineId: vm } },
    { replicationMode: 'Full', targetRegions: regions },
  );
  answer('A second version of the same generalized VM', outcome(second.begun), 'accepted');
  const found = await ask('GET', `${versions}/9.9.9${IMAGE}`);
  answer('GET of a version right after its creation was accepted', outcome(found), 'accepted');
  const busy = outcome(await ask('PATCH', `${versions}/9.9.9${IMAGE}`, { tags: { busy: '1' } }));
  answer('Update of a version that is being created', busy, 'refused');
  const early = await ask('PUT', `${compute}/virtualMachines/early${VM}`, earlyVm());
  answer(
    'A VM of a version that its region does not hold yet',
    code(early),
    'GalleryImageNotFound',
  );
  if (isLinux) await ofSnapshot();
  answer('What became of the second version', await second.end(), 'accepted');
}

const code = ({ status, body }: Answer) => (status < 400 ? 'accepted' : body?.error?.code);

const earlyVm = () => ({
  location,
  properties: {
    hardwareProfile: { vmSize: process.env.SIZE },
    storageProfile: {
      imageReference: { id: `${versions}/9.9.9` },
      osDisk: { createOption: 'FromImage', deleteOption: 'Delete' },
    },
    securityProfile: {
      securityType: 'TrustedLaunch',
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
    },
    osProfile: {
      computerName: 'early',
      adminUsername: 'live',
      adminPassword: `${crypto.randomUUID()}aA1!`,
    },
    networkProfile: {
      networkApiVersion: '2020-11-01',
      networkInterfaceConfigurations: [
        {
          name: 'early',
          properties: {
            primary: true,
            deleteOption: 'Delete',
            ipConfigurations: [
              { name: 'private', properties: { subnet: { id: process.env.SUBNET } } },
            ],
          },
        },
      ],
    },
  },
});

/** Both are the snapshot that the capture took, which denies all access from the network. */
async function ofSnapshot() {
  const [snapshot] = JSON.parse(process.env.SNAPSHOTS || '[]');
  const { body } = await ask('GET', snapshot + DISK);
  answer('Access to a snapshot', body.properties.networkAccessPolicy, 'DenyAll');
  const profile = { osDiskImage: { source: { id: snapshot } } };
  const denied = await version('captured', '9.9.8', profile);
  answer('A version of a snapshot that denies access', await denied.end(), 'refused');
  await settled(await ask('PATCH', snapshot + DISK, { properties: ALLOWED }));
  const state = await version('supported', '9.9.7', profile);
  answer('Disks with guest state for `TrustedLaunchSupported`', await state.end(), 'refused');
  await settled(await ask('PATCH', snapshot + DISK, { properties: DENIED }));
}

const ALLOWED = { networkAccessPolicy: 'AllowAll', publicNetworkAccess: 'Enabled' };
const DENIED = { networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled' };

/** The VM runs again, made of the snapshots. It is broken on purpose here. */
async function restored() {
  await until(600, isPower('running'));
  answer('A VM restored from snapshots that deny access', await power(), 'running');
  const stuck = await runShell('systemctl stop walinuxagent; sleep 5');
  const { status, body } = await settled(stuck, 900);
  const stands = status === 202 || /progress/i.test(body?.status ?? '');
  const end = stands ? 'in progress after 15 minutes' : (body?.status ?? 'ended');
  answer('Run Command whose script stops the agent', end, 'in progress after 15 minutes');
  answer('Another Run Command beside it', outcome(await runShell('true')), stands ? 'refused' : '');
}

/** What each operation of the action came to, with no more rights than are documented. */
function ended() {
  for (const name of isLinux ? ['CAPTURE', 'PROMOTE', 'RESTORE', 'PRUNE'] : ['CAPTURE'])
    answer(
      `\`${name.toLowerCase()}\` with the documented roles`,
      process.env[name] || 'no end',
      'succeeded',
    );
}

const phases: Record<string, () => void | Promise<void>> = { before, captured, restored, ended };
const [, , phase = ''] = process.argv;
const asking = phases[phase];
if (asking === undefined)
  throw new Error(`${phase || 'no phase'}: ${Object.keys(phases).join(', ')}`);
await asking();
