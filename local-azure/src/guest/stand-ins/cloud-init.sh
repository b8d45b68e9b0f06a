#!/bin/sh
# Stand-in of cloud-init: `status` and `clean` with argparse's strictness. `clean --machine-id` came
# with 22.3 and writes "uninitialized" since 23.1 (canonical/cloud-init cmd/clean.py, commits 8f569d4
# and abfdf1d).
. '@GUEST@/lib.sh'
note cloud-init "$@"
usage() {
  echo "usage: $1" >&2
  echo "${1%% \[*}: error: unrecognized arguments: $2" >&2
  exit 2
}
verb=${1-}
[ $# -eq 0 ] || shift
old=''
[ "$(value cloud-init)" = new ] || old=yes
case $verb in
  --version | -v) if [ -n "$old" ]; then echo '/usr/bin/cloud-init 19.4'; else echo '/usr/bin/cloud-init 24.4'; fi ;;
  status)
    wait=''
    for argument in "$@"; do
      case $argument in
        -w | --wait) wait=yes ;;
        -l | --long) ;;
        *) usage '/usr/bin/cloud-init status [-h] [-l] [-w]' "$argument" ;;
      esac
    done
    until=$(value cloud-init-busy || echo 0)
    if [ -n "$wait" ] && [ "$(clock)" -lt "$until" ]; then printf '.....'; echo "$until" >"$guest/clock"; fi
    if [ "$(clock)" -lt "$until" ]; then echo 'status: running'; else echo 'status: done'; fi
    ;;
  clean)
    logs='' seed='' machine='' reboot=''
    synopsis='/usr/bin/cloud-init clean [-h] [-l] [--machine-id] [-r] [-s] [-c {all,ssh_config,network,datasource,fstab} ...]'
    [ -z "$old" ] || synopsis='/usr/bin/cloud-init clean [-h] [-l] [-r] [-s]'
    while [ $# -gt 0 ]; do
      case $1 in
        -h | --help) echo "usage: $synopsis"; exit 0 ;;
        -l | --logs) logs=yes ;;
        -s | --seed) seed=yes ;;
        -r | --reboot) reboot=yes ;;
        --machine-id) [ -z "$old" ] || usage "$synopsis" "$1"; machine=yes ;;
        -c | --configs) [ -z "$old" ] || usage "$synopsis" "$1"; shift ;;
        *) usage "$synopsis" "$1" ;;
      esac
      shift
    done
    if setting cloud-init-fails; then echo "Could not remove $root/var/lib/cloud/data: [Errno 16] Device or resource busy" >&2; exit 1; fi
    [ -z "$logs" ] || rm -f "$root/var/log/cloud-init.log" "$root/var/log/cloud-init-output.log"
    for path in "$root"/var/lib/cloud/*; do
      case ${path##*/} in seed) [ -z "$seed" ] || rm -rf "$path" ;; *) rm -rf "$path" ;; esac
    done
    [ -z "$machine" ] || echo uninitialized >"$root/etc/machine-id"
    [ -z "$reboot" ] || "$guest/bin/reboot"
    ;;
  *) usage '/usr/bin/cloud-init [-h] [--version] {init,modules,single,query,features,analyze,clean,status,schema}' "$verb" ;;
esac
exit 0
