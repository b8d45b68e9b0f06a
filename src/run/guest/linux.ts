import { checks } from './linux-checks.ts';
import { phases } from './linux-phases.ts';
import { AGENT_ACCOUNT, GUEST_FOLDER, SEARCH_PATH, UNIT } from './linux-shared.ts';
import { checkNonce, encodeScript, type GuestOrder } from './run-command.ts';

/**
 * Seconds until the unit starts: the agent must have reported the end of this Run Command before it is
 * stopped (it looks every 6 seconds: WALinuxAgent `GoalStatePeriod`).
 */
const DELAY_SECONDS = 15;

/**
 * The POSIX shell script for Run Command's RunShellScript (which runs it as root) that checks the
 * guest and, if nothing speaks against it, writes a hello on the serial console. It changes nothing.
 * Its output is for `readAnswer`, what it writes on the console for `readMarks`.
 *
 * Throws a RangeError for a malformed nonce.
 */
export function greetLinux(nonce: string): string {
  checkNonce(nonce);
  return compact(`${checks(nonce, 'then says hello on its serial console', false)}
serial=written
moment
if [ $state = idle ]; then tell hello; fi
answer "hello boot=$boot count=$count console=$serial state=$state"
`);
}

/** Without indentation and comments, but for those on top: Run Command's handler limits the size. */
const compact = (script: string): string =>
  script.replace(/^[ \t]+/gm, '').replace(/^# (?!azure-golden-image:).*\n/gm, '');

/**
 * The POSIX shell script for Run Command that checks the guest and, if nothing speaks against it,
 * schedules its deprovision in a transient systemd unit, outside the agent's cgroup, and returns. Its
 * output is for `readAnswer`; since Run Command calls every script a success, whatever it exits
 * with, only the output tells. Scheduling the same nonce again while it is pending changes nothing.
 * The user's script runs by the interpreter in its first line, else by /bin/sh.
 *
 * Throws a RangeError for a malformed nonce or boot and for a script over the limit.
 *
 * @param boot of the guest that said hello, as its mark names it: in another the order is refused
 */
export function scheduleLinux({
  nonce,
  script,
  boot,
}: GuestOrder & { readonly boot?: string }): string {
  checkNonce(nonce);
  if (boot !== undefined && !/^[0-9a-f]{1,36}$/.test(boot))
    throw new RangeError(`Malformed boot ${boot}`);
  const text = [
    checks(
      nonce,
      'then schedules its deprovision beside the agent, not below it',
      true,
      boot && onlyIn(boot),
    ),
    `if [ $state = scheduled ]; then
  answer "already-scheduled nonce=$nonce"
  exit 0
fi`,
    files(nonce, script === undefined ? undefined : encodeScript(script, 'shell')),
    schedule,
  ].join('\n');
  return compact(text);
}

/**
 * Azure runs the last Run Command of a VM again when its OS disk is exchanged, since the new disk does not
 * know that it was run (azure-sdk-for-net#51086, azure-libraries-for-net#1159). A guest that comes back
 * from a snapshot must not deprovision itself again.
 */
const onlyIn = (boot: string) => `
if [ "$boot" != '${boot}' ]; then
  refuse other-boot 'This guest has booted since it said that it can be deprovisioned.' 'Run again.'
  exit 1
fi
`;

/**
 * The user's script travels as base64: nothing in it can end a quotation or a here-document. Kept is
 * also the agent's file with the account's name, which the agent deletes first: should the rest fail,
 * the next attempt needs it.
 */
const files = (nonce: string, script: string | undefined) => `
write_files() {
  rm -rf ${GUEST_FOLDER} && mkdir -p ${GUEST_FOLDER} &&
    printf '%s\\n' '${nonce}' >${GUEST_FOLDER}/nonce &&
    printf '%s\\n' "$service" >${GUEST_FOLDER}/service &&
    printf '%s\\n' "$agent" >${GUEST_FOLDER}/agent &&
    printf '%s\\n' "$account" >${GUEST_FOLDER}/account &&
    printf '%s\\n' "$home" >${GUEST_FOLDER}/home || return
  if [ -e ${AGENT_ACCOUNT} ]; then cp -p ${AGENT_ACCOUNT} ${GUEST_FOLDER}/ovf-env.xml || return; fi
  shared >${GUEST_FOLDER}/deprovision.sh || return
  cat >>${GUEST_FOLDER}/deprovision.sh <<'END_OF_UNIT' || return
${unitScript(nonce)}END_OF_UNIT
${script === undefined ? '' : userScript(script)}}
`;

const userScript = (base64: string) => `  base64 -d >${GUEST_FOLDER}/user-script <<'END_OF_SCRIPT'
${base64}
END_OF_SCRIPT
`;

/**
 * A unit that failed stays loaded until it is reset, and its name taken. No `--collect`: RHEL 7 and
 * SLES 12 lack it (systemd NEWS 236); the options used are in systemd-run(1) since 218.
 */
const schedule = `
if ! said=$(write_files 2>&1); then
  rm -rf ${GUEST_FOLDER}
  refuse files "The guest cannot keep files in ${GUEST_FOLDER}: $(one_line "$said")" \\
    'Look whether /run is full or read-only, and whether base64 is installed.'
  exit 1
fi
systemctl stop ${UNIT}.timer >/dev/null 2>&1
systemctl reset-failed ${UNIT}.timer ${UNIT}.service >/dev/null 2>&1
if ! said=$(systemd-run --unit=${UNIT} --description='Azure golden image: deprovision' \\
  --on-active=${DELAY_SECONDS}s --timer-property=AccuracySec=1s /bin/sh ${GUEST_FOLDER}/deprovision.sh 2>&1); then
  rm -rf ${GUEST_FOLDER}
  refuse schedule "systemd did not take the deprovision: $(one_line "$said")" \\
    'Look at "systemctl status" in the guest, restart the VM, then run again.'
  exit 1
fi
answer "scheduled nonce=$nonce after=${DELAY_SECONDS}s"
tell scheduled
exit 0
`;

/** Bytes of log to write to the serial console, which takes about 11,000 a second. */
const LOG_BYTES = 16_384;

/** The mark of the end is repeated every 5 seconds at first, then every two minutes for half an hour. */
export const SOON = { marks: 6, seconds: 5 };
const LATER = { marks: 15, seconds: 120 };

/**
 * The script of the unit that deprovisions the guest, to be put after what `checks` calls shared. Each
 * phase must succeed for the next to start, and the last one judges what is left. The console says at
 * once which phase runs; at the end the log, then a mark with the nonce: complete, again and again until
 * the machine is deallocated or switches itself off, or failed with the phase and its exit code, twice,
 * since the kernel may write into the middle of a mark.
 *
 * Sources: waagent's order of work and its exit code of 0 even when it failed or did not understand
 * its arguments, WALinuxAgent azurelinuxagent/agent.py and pa/deprovision/default.py at a976115;
 * cloud-init clean's options, cloudinit/cmd/clean.py at 04eacd0; machine-id(5).
 */
const unitScript = (nonce: string) => `set -u
umask 022
PATH=${SEARCH_PATH}
HOME=/root
export PATH HOME
nonce='${nonce}'
folder=${GUEST_FOLDER}
log=$folder/log
service=$(cat $folder/service)
agent=$(cat $folder/agent)
account=$(cat $folder/account)
home=$(cat $folder/home)
phase=start
exec </dev/null >>$log 2>&1
${telling}${end}${phases}
trap 'fail 143' HUP INT TERM
tell started
run sessions end_sessions
if [ -e $folder/user-script ]; then run deprovision-script user_script; fi
run stop-agent systemctl stop "$service.service"
run quiet end_writers
run waagent deprovision
if have cloud-init; then run cloud-init cloud-init clean --logs --seed; fi
run machine-id forget_machine_id
run inspect inspect
run sync sync
finish
`;

const telling = `
tell_log() {
  to_console "$(tail -c ${LOG_BYTES} $log | tr -d '\\000-\\010\\013-\\037\\177' | cut -c 1-400 |
    sed "s/^/azure-golden-image[$nonce] log: /")"
}
`;

/**
 * What is in the folder goes with the power, /run being a tmpfs; until then the nonce in it answers
 * whoever asks again. After the end a signal means that the machine goes down, which it may at once.
 */
const end = `
fail() {
  trap '' HUP INT TERM
  cause=''
  if stopping; then
    cause=' cause=shutdown'
    echo 'The system is shutting down or restarting: something in the guest asked for it.'
  fi
  echo "$phase failed with exit code $1; the machine stays on"
  rm -f $folder/user-script
  if [ -e $folder/ovf-env.xml ] && [ ! -e ${AGENT_ACCOUNT} ] && grep -q "^$account:" /etc/passwd; then
    cp -p $folder/ovf-env.xml ${AGENT_ACCOUNT}
  fi
  if [ -z "$cause" ]; then
    systemctl --no-block restart "$service.service"
    begin_again
  fi
  tell_log
  tell "failed phase=$phase exit=$1$cause"
  tell "failed phase=$phase exit=$1$cause"
  exit 1
}
finish() {
  trap 'exit 0' HUP INT TERM
  tell_log
  marks=0
  while [ $marks -lt ${SOON.marks + LATER.marks} ]; do
    tell complete
    marks=$((marks + 1))
    if [ $marks -lt ${SOON.marks} ]; then sleep ${SOON.seconds}; else sleep ${LATER.seconds}; fi
  done
  tell complete
  shutdown -P now || systemctl poweroff
  exit 0
}
run() {
  phase=$1
  shift
  if stopping; then fail 75; fi
  echo "== $phase"
  tell "phase: $phase"
  "$@"
  code=$?
  if [ $code -ne 0 ]; then fail $code; fi
}
`;
