#!/bin/sh
# Stand-in of coreutils timeout: the host's, which also ends a command when the emulated time is over.
# The stand-in of sleep sees to that: it looks for what is to have ended by then. Writing to a console
# that hangs takes all of the time there is.
. '@GUEST@/lib.sh'
real=/.host/usr/bin/timeout
[ -x "$real" ] || real=/usr/bin/timeout
span=''
skip=''
for argument in "$@"; do
  if [ -n "$skip" ]; then skip=''; continue; fi
  case $argument in
    -k | -s) skip=yes ;;
    -*) ;;
    *) span=$argument; break ;;
  esac
done
case $span in
  *[!0-9.smhd]* | '' | [smhd]*) exec "$real" "$@" ;;
  *m) factor=60 ;; *h) factor=3600 ;; *d) factor=86400 ;; *) factor=1 ;;
esac
number=${span%[smhd]}
whole=${number%%.*}
[ "$whole" = "$number" ] || whole=$((${whole:-0} + 1))
total=$((whole * factor))
if setting console-hangs; then
  case " $* " in
    *' /dev/ttyS0 '* | *' /dev/ttyAMA0 '* | *' /dev/console '*) sleep "$total"; exit 124 ;;
  esac
fi
[ "$total" -gt 0 ] || exec "$real" "$@"
IFS= read -r before <"$guest/clock"
mkdir -p "$guest/deadlines"
echo $((before + total)) >"$guest/deadlines/$$"
exec "$real" "$@"
