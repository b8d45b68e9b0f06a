#!/bin/sh
# Stand-in of needs-restarting of dnf-utils: -r says whether a reboot is needed, by exit code 1.
. '@GUEST@/lib.sh'
note needs-restarting "$@"
case $* in
  -r | --reboothint) ;;
  *) echo 'The emulated needs-restarting knows only -r.' >&2; exit 2 ;;
esac
if [ "$(value needs-restarting)" = yes ]; then
  printf 'Core libraries or services have been updated since boot-up:\n  * kernel\n\nReboot is required to fully utilize these updates.\n'
  exit 1
fi
printf 'No core libraries or services have been updated since boot-up.\nReboot should not be necessary.\n'
