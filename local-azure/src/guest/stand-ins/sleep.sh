#!/bin/sh
# Stand-in of coreutils sleep: moves the emulated clock instead of waiting. Package managers that the
# guest was told to keep busy until then end. Notes what stood on the console before each wait, so that
# the job, which runs at once, can be shown as it would have gone on.
. '@GUEST@/lib.sh'
total=0
[ $# -gt 0 ] || { echo 'sleep: missing operand' >&2; exit 1; }
for span in "$@"; do
  case $span in inf | infinity) span=3650d ;; esac
  case $span in
    *[!0-9.smhd]* | '' | [smhd]*) echo "sleep: invalid time interval '$span'" >&2; exit 1 ;;
    *m) factor=60 ;; *h) factor=3600 ;; *d) factor=86400 ;; *) factor=1 ;;
  esac
  number=${span%[smhd]}
  whole=${number%%.*}
  [ "$whole" = "$number" ] || whole=$((${whole:-0} + 1))
  total=$((total + whole * factor))
done
IFS= read -r before <"$guest/clock"
for tty in ttyS0 ttyAMA0 console; do
  if [ -e "$root/dev/$tty" ]; then
    printf '%s %s\n' "$before" "$(wc -c <"$root/dev/$tty")" >>"$guest/console-marks"
    break
  fi
done
now=$((before + total))
late=''
for file in "$guest/deadlines"/*; do
  [ -e "$file" ] || continue
  kill -0 "${file##*/}" 2>/dev/null || { rm -f "$file"; continue; }
  IFS= read -r until <"$file"
  if [ "$until" -lt "$now" ]; then now=$until late=${file##*/}; fi
done
[ "$now" -ge "$before" ] || now=$before
printf '%s\n' "$now" >"$guest/clock"
for file in "$guest/uptime" "$root/proc/uptime"; do printf '%s.00 0.00\n' "$now" 2>/dev/null >"$file" || :; done
if setting package-manager-busy && [ "$now" -ge "$(value package-manager-busy)" ] &&
  [ -s "$guest/package-manager.pid" ]; then
  kill "$(cat "$guest/package-manager.pid")"
  rm -f "$guest/package-manager.pid"
fi
# The timeout that is over ends its command, and with it this.
if [ -n "$late" ] && kill -ALRM "$late" 2>/dev/null; then
  real=/.host/usr/bin/sleep
  [ -x "$real" ] || real=/usr/bin/sleep
  "$real" 20
fi
exit 0
