#!/bin/sh
# Stand-in of systemd's shutdown, poweroff, halt and reboot: records instead of acting. The options
# are those of shutdown(8); without a time shutdown means +1.
. '@GUEST@/lib.sh'
name=${0##*/}
note "$name" "$@"
case $name in reboot) mode=reboot ;; halt) mode=halt ;; *) mode=off ;; esac
when=''
[ "$name" = shutdown ] || when=now
for argument in "$@"; do
  case $argument in
    -P | --poweroff | -h) mode=off ;;
    -H | --halt) mode=halt ;;
    -r | --reboot) mode=reboot ;;
    -k | --no-wall | -f | --force | -ff) ;;
    -c) rm -f "$guest/power"; exit 0 ;;
    -*) echo "$name: unrecognized option '$argument'" >&2; exit 1 ;;
    now | +[0-9]*)
      [ -z "$when" ] && when=$argument
      ;;
    *)
      [ -n "$when" ] || { echo "Failed to parse time specification: $argument" >&2; exit 1; }
      ;;
  esac
done
if setting shutdown-fails; then
  echo 'Failed to set wall message, ignoring: Connection timed out' >&2
  echo "Call to PowerOff failed: Connection timed out" >&2
  exit 1
fi
case ${when:-+1} in
  now) after=0 ;;
  *) minutes=${when:-+1}; after=$((${minutes#+} * 60)) ;;
esac
printf '%s %s %s\n' "$mode" "$after" "$(clock)" >"$guest/power"
