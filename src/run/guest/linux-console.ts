/** Seconds for one write: a console can hang for ever (Azure/azserialconsole#114). */
const WRITE_SECONDS = 20;

/**
 * Shell: `tell` writes a mark on the serial consoles, with the nonce, the boot's ID and the boot's
 * age in hundredths of a second, which counts up. Serial consoles only: boot diagnostics record the
 * serial port, whatever the kernel's console is. `serial` says what came of the last write.
 */
export const serialConsole = `
have() { command -v "$1" >/dev/null 2>&1; }
limited() {
  limit=$1
  shift
  if have timeout; then timeout -k 5 "$limit" "$@"; else "$@"; fi
}
boot=0
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
boot=\${boot%%-*}
moment() {
  age=0.0
  { read -r age rest </proc/uptime; } 2>/dev/null
  count=\${age%.*}\${age#*.}
}
devices=''
for name in $(cat /sys/class/tty/console/active 2>/dev/null); do
  case $name in
    ttyS* | ttyAMA*) if [ -e "/dev/$name" ]; then devices="$devices /dev/$name"; fi ;;
  esac
done
for name in ttyS0 ttyAMA0 console; do
  if [ -z "$devices" ] && [ -e "/dev/$name" ]; then devices=/dev/$name; fi
done
serial=none
to_console() {
  serial=none
  for device in $devices; do
    # The words of the inner command are meant for the inner shell.
    # shellcheck disable=SC2016
    if limited ${WRITE_SECONDS} /bin/sh -c 'printf "\\n%s\\n" "$2" >>"$1"' sh "$device" "$1" 2>/dev/null; then
      serial=written
    elif [ $serial = none ]; then
      serial=hanging
    fi
  done
}
tell() {
  moment
  to_console "azure-golden-image[$nonce] $1 boot=$boot count=$count"
}
`;
