import { GUEST_FOLDER, SEARCH_PATH } from './linux-names.ts';

/** Bytes of log to write to the serial console, which takes about 11,000 a second. */
const LOG_BYTES = 16_384;

/**
 * The script of the unit that deprovisions the guest. Each phase must succeed for the next to start.
 * The console says at once which phase runs; at the end the log, then a mark with the nonce: complete,
 * as the last act before the power goes off, or failed with the phase and its exit code. The mark is
 * written twice, since the kernel may write into the middle of one.
 *
 * Sources: waagent's order of work and its exit code of 0 even when it failed or did not understand
 * its arguments, WALinuxAgent azurelinuxagent/agent.py and pa/deprovision/default.py at a976115;
 * cloud-init clean's options, cloudinit/cmd/clean.py at 04eacd0; machine-id(5).
 */
export const unitScript = (nonce: string) => `#!/bin/sh
# azure-golden-image: deprovisions this guest and switches it off.
set -u
umask 022
PATH=${SEARCH_PATH}
HOME=/root
export PATH HOME
nonce='${nonce}'
folder=${GUEST_FOLDER}
log=$folder/log
service=$(cat $folder/service)
agent=$(cat $folder/agent)
phase=start
exec </dev/null >>$log 2>&1
${serial}
${end}
${phases}
trap 'fail 143' HUP INT TERM
tell started
if [ -e $folder/user-script ]; then run deprovision-script user_script; fi
run stop-agent systemctl stop "$service.service"
run waagent deprovision
if command -v cloud-init >/dev/null 2>&1; then run cloud-init cloud-init clean --logs --seed; fi
run machine-id forget_machine_id
run sync sync
power_off
`;

/** Serial consoles only: boot diagnostics record the serial port, whatever the kernel's console is. */
const serial = `
consoles() {
  found=''
  for name in $(cat /sys/class/tty/console/active 2>/dev/null); do
    case $name in
      ttyS* | ttyAMA*) if [ -e "/dev/$name" ]; then found="$found /dev/$name"; fi ;;
    esac
  done
  for name in ttyS0 ttyAMA0 console; do
    if [ -z "$found" ] && [ -e "/dev/$name" ]; then found=/dev/$name; fi
  done
  echo "$found"
}
to_console() {
  text=$(cat)
  for device in $(consoles); do
    { printf '\\n%s\\n' "$text" >>"$device"; } 2>/dev/null
  done
}
tell() { printf 'azure-golden-image[%s] %s\\n' "$nonce" "$1" | to_console; }
tell_log() {
  tail -c ${LOG_BYTES} $log | tr -d '\\000-\\010\\013-\\037\\177' | cut -c 1-400 |
    sed "s/^/azure-golden-image[$nonce] log: /" | to_console
}
`;

/**
 * What is in the folder goes with the power, /run being a tmpfs; until then the nonce in it answers
 * whoever asks again. Signals are ignored once the end has begun: the power-off itself sends one.
 */
const end = `
fail() {
  trap '' HUP INT TERM
  echo "$phase failed with exit code $1; the machine stays on"
  rm -f $folder/user-script
  systemctl --no-block restart "$service.service"
  tell_log
  tell "failed phase=$phase exit=$1"
  tell "failed phase=$phase exit=$1"
  exit 1
}
power_off() {
  trap '' HUP INT TERM
  phase=power-off
  tell_log
  tell complete
  tell complete
  shutdown -P now && exit 0
  code=$?
  systemctl poweroff && exit 0
  systemctl --no-block restart "$service.service"
  tell "failed phase=power-off exit=$code"
  tell "failed phase=power-off exit=$code"
  exit 1
}
run() {
  phase=$1
  shift
  echo "== $phase"
  tell "phase: $phase"
  "$@"
  code=$?
  if [ $code -ne 0 ]; then fail $code; fi
}
`;

/**
 * /run may be mounted noexec, so the user's script is given to its interpreter, split as the kernel
 * splits a first line: the interpreter and at most one argument.
 *
 * waagent finds the name of the user to delete in a file that it deletes first: should it fail after
 * that, the file must be there for the next attempt, or that one would silently keep the user.
 *
 * The machine id is emptied, not left to \`cloud-init clean --machine-id\`, which removes the file
 * (22.3) or writes "uninitialized" (23.1): both make the next boot a first boot, in which systemd
 * presets every unit and so undoes what the build has disabled. An empty file is what machine-id(5)
 * asks of images. A separate copy of D-Bus would be taken for the new id.
 */
const phases = `
user_script() {
  tab=$(printf '\\t')
  IFS= read -r first <$folder/user-script
  case $first in '#!'*) ;; *) first='#!/bin/sh' ;; esac
  words=$(printf '%s' "$first" | sed "s/^#![ $tab]*//; s/[ $tab]*$//")
  interpreter=\${words%%[ "$tab"]*}
  argument=$(printf '%s' "\${words#"$interpreter"}" | sed "s/^[ $tab]*//")
  if [ -n "$argument" ]; then
    "$interpreter" "$argument" $folder/user-script
  else
    "$interpreter" $folder/user-script
  fi
}
deprovision() {
  known=/var/lib/waagent/ovf-env.xml
  if [ -e $known ]; then cp -p $known $folder/ovf-env.xml || return; fi
  run_waagent && return
  code=$?
  if [ -e $folder/ovf-env.xml ] && [ ! -e $known ]; then cp -p $folder/ovf-env.xml $known; fi
  return $code
}
run_waagent() {
  # The words of the agent's command are meant to be split.
  # shellcheck disable=SC2086
  $agent -force -deprovision+user >$folder/waagent 2>&1
  code=$?
  cat $folder/waagent
  if [ $code -ne 0 ]; then return $code; fi
  if grep -q "Failed to run '" $folder/waagent; then return 70; fi
  if ! grep -q 'The waagent service will be stopped' $folder/waagent; then return 64; fi
  for secret in /var/lib/waagent/ovf-env.xml /var/lib/waagent/*.prv; do
    if [ -e "$secret" ]; then
      echo "waagent has left $secret"
      return 73
    fi
  done
}
forget_machine_id() {
  if [ -e /etc/machine-id ]; then printf '' >/etc/machine-id || return; fi
  if [ -e /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
    rm -f /var/lib/dbus/machine-id
  fi
}
`;
