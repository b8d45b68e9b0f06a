import { inspection } from './linux-inspection.ts';
import { AGENT_ACCOUNT, GUEST_FOLDER, SEARCH_PATH } from './linux-names.ts';
import { quiet } from './linux-quiet.ts';
import { interpreterOf } from './order.ts';

/** Bytes of log to write to the serial console, which takes about 11,000 a second. */
const LOG_BYTES = 16_384;

/** The mark of the end is repeated every 5 seconds at first, then every two minutes for half an hour. */
export const SOON = { marks: 6, seconds: 5 };
const LATER = { marks: 15, seconds: 120 };

/**
 * The script of the unit that deprovisions the guest, to be put after what `checks` calls shared. Each phase must succeed for the next to start,
 * and the last one judges what is left. The console says at once which phase runs; at the end the log,
 * then a mark with the nonce: complete, again and again until the machine is deallocated, or failed
 * with the phase and its exit code, twice, since the kernel may write into the middle of a mark.
 *
 * Sources: waagent's order of work and its exit code of 0 even when it failed or did not understand
 * its arguments, WALinuxAgent azurelinuxagent/agent.py and pa/deprovision/default.py at a976115;
 * cloud-init clean's options, cloudinit/cmd/clean.py at 04eacd0; machine-id(5).
 */
export const unitScript = (nonce: string) => `set -u
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
${telling}${end}${quiet}${phases}${inspection}
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

/**
 * /run may be mounted noexec, so the user's script is given to its interpreter.
 *
 * The machine id is emptied, not left to `cloud-init clean --machine-id`, which removes the file
 * (22.3) or writes "uninitialized" (23.1): both make the next boot a first boot, in which systemd
 * presets every unit and so undoes what the build has disabled. An empty file is what machine-id(5)
 * asks of images. A separate copy of D-Bus would be taken for the new id.
 */
const phases = `
user_script() {
${interpreterOf('$folder/user-script')}
  if [ -n "$argument" ]; then
    "$interpreter" "$argument" $folder/user-script
  else
    "$interpreter" $folder/user-script
  fi
}
deprovision() {
  # The words of the agent's command are meant to be split.
  # shellcheck disable=SC2086
  $agent -force -deprovision+user
}
forget_machine_id() {
  if [ -e /etc/machine-id ]; then printf '' >/etc/machine-id || return; fi
  if [ -e /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
    rm -f /var/lib/dbus/machine-id
  fi
}
`;
