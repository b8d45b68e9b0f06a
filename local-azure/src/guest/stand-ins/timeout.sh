#!/bin/sh
# Stand-in of coreutils timeout: the host's, except that writing to a console that hangs takes all of
# the time there is, which passes on the emulated clock.
. '@GUEST@/lib.sh'
real=/.host/usr/bin/timeout
[ -x "$real" ] || real=/usr/bin/timeout
setting console-hangs || exec "$real" "$@"
case " $* " in
  *' /dev/ttyS0 '* | *' /dev/ttyAMA0 '* | *' /dev/console '*) ;;
  *) exec "$real" "$@" ;;
esac
while [ $# -gt 0 ]; do
  case $1 in
    -k | -s) shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
sleep "$1"
exit 124
