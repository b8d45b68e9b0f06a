#!/bin/sh
# Stand-in of systemctl: the agent's service and the transient units of the stand-in of systemd-run.
# Answers and exit codes: systemctl(1) and systemd 249's own messages.
. '@GUEST@/lib.sh'
note systemctl "$@"
agent=$(value agent-service)
verb='' properties='' bare='' quiet='' units=''
while [ $# -gt 0 ]; do
  case $1 in
    -q | --quiet) quiet=yes ;;
    --type=* | --state=* | --signal=*) ;;
    -s) shift ;;
    -p) properties="$properties,$2"; shift ;;
    -p?*) properties="$properties,${1#-p}" ;;
    --property=*) properties="$properties,${1#*=}" ;;
    --value) [ "$(value systemd-version)" -ge 230 ] || { echo "systemctl: unrecognized option '$1'" >&2; exit 1; }; bare=yes ;;
    --no-pager | --no-block | --no-wall | --now | --all | -a | --full | -l | --force | -f | -i | --no-ask-password) ;;
    --type=* | --state=*) ;;
    -?*) echo "systemctl: unrecognized option '$1'" >&2; exit 1 ;;
    *) if [ -z "$verb" ]; then verb=$1; else units="$units $1"; fi ;;
  esac
  shift
done
# Sets load, active and sub of the unit, and name and kind.
look() {
  case $1 in *.service | *.timer | *.target | *.socket | *.slice) full=$1 ;; *) full=$1.service ;; esac
  name=${full%.*} kind=${full##*.} load=not-found active=inactive sub=dead path='' file=''
  if [ "$full" = cloud-init.service ] && [ "$(value cloud-init)" != none ]; then load=loaded active=active sub=exited file=enabled; fi
  if [ -e "$root/etc/systemd/system/$full" ]; then load=loaded; fi
  if [ "$full" = user.slice ]; then load=loaded active=active sub=active; fi
  if [ -n "$agent" ] && [ "$full" = "$agent.service" ]; then
    load=loaded
    path="{ path=/bin/sh ; argv[]=/bin/sh $(value waagent-path) -daemon ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }"
    if [ "$(cat "$guest/agent")" = running ]; then active=active sub=running; fi
  elif [ -e "$guest/units/$name/$kind" ]; then
    load=loaded sub=$(cat "$guest/units/$name/$kind")
    case $sub in waiting | elapsed | running) active=active ;; failed) active=failed ;; esac
  fi
}
show() {
  look "$1"
  for property in $(echo "${properties#,}" | tr , ' '); do
    case $property in
      LoadState) text=$load ;; ActiveState) text=$active ;; SubState) text=$sub ;;
      Id) text=$full ;; ExecStart) text=$path ;; UnitFileState) text=$file ;; *) continue ;;
    esac
    if [ -n "$bare" ]; then echo "$text"; elif [ -n "$text" ]; then echo "$property=$text"; fi
  done
}
missing() { [ "$load" = not-found ]; }
status=0
case $verb in
  is-system-running)
    state=$(value system-state)
    [ -n "$quiet" ] || echo "$state"
    [ "$state" = running ] || status=1
    ;;
  is-active)
    status=3
    for unit in $units; do
      look "$unit"
      [ -n "$quiet" ] || echo "$active"
      [ "$active" != active ] || status=0
    done
    ;;
  show) for unit in $units; do show "$unit"; done ;;
  cat)
    for unit in $units; do
      look "$unit"
      if missing; then echo "No files found for $full." >&2; status=1; else cat "$root/etc/systemd/system/$full" 2>/dev/null || echo "# /lib/systemd/system/$full"; fi
    done
    ;;
  start | restart | try-restart)
    for unit in $units; do
      look "$unit"
      if missing; then
        echo "Failed to $verb $full: Unit $full not found." >&2
        status=5
      elif [ "$name" = "$agent" ]; then
        [ "$verb" = start ] || stop_agent
        echo running >"$guest/agent"
      fi
    done
    ;;
  stop)
    for unit in $units; do
      look "$unit"
      if missing; then
        echo "Failed to stop $full: Unit $full not loaded." >&2
        status=5
      elif [ "$name" = "$agent" ]; then stop_agent
      elif [ "$name" = cloud-init ] || [ "$name" = user ]; then :
      else
        rm -f "$guest/units/$name/$kind"
        [ -e "$guest/units/$name/timer" ] || [ "$(cat "$guest/units/$name/service")" != dead ] || rm -rf "$guest/units/$name"
      fi
    done
    ;;
  reset-failed)
    for unit in $units; do
      look "$unit"
      if missing; then
        echo "Failed to reset failed state of unit $full: Unit $full not loaded." >&2
        status=1
      elif [ "$sub" = failed ]; then rm -rf "$guest/units/$name"
      fi
    done
    ;;
  daemon-reload | kill) ;;
  list-units) ;;
  poweroff | reboot | halt) exec "$guest/bin/$verb" ;;
  *) echo "Unknown command verb $verb." >&2; status=1 ;;
esac
exit "$status"
