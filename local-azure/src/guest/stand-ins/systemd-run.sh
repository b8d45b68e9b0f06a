#!/bin/sh
# Stand-in of systemd-run: checks its arguments as the real one does and keeps the timer for
# runScheduled. Source of options, refusals and the versions they appeared in: systemd-run(1),
# systemd.timer(5), NEWS. A `$` in the command is refused (invented): whether systemd expands it
# depends on the version, so a script must not rely on either.
. '@GUEST@/lib.sh'
note systemd-run "$@"
version=$(value systemd-version)
fail() { echo "$1" >&2; exit 1; }
since() { [ "$version" -ge "$1" ] || fail "systemd-run: unrecognized option '$2'"; }
seconds() {
  case $1 in
    '' | *[!0-9a-z]*) fail "Failed to parse time value: $1" ;;
    *ms) number=${1%ms}; factor=0 ;;
    *[0-9]) number=$1; factor=1 ;;
    *sec) number=${1%sec}; factor=1 ;;
    *min) number=${1%min}; factor=60 ;;
    *s) number=${1%s}; factor=1 ;;
    *m) number=${1%m}; factor=60 ;;
    *h) number=${1%h}; factor=3600 ;;
    *) fail "Failed to parse time value: $1" ;;
  esac
  case $number in '' | *[!0-9]*) fail "Failed to parse time value: $1" ;; esac
  echo $((number * factor))
}
property() {
  case $2 in *=?*) ;; *) fail "Not an assignment: $2" ;; esac
  case $1:${2%%=*} in
    timer:AccuracySec | timer:RandomizedDelaySec) seconds "${2#*=}" >/dev/null || exit 1 ;;
    timer:Persistent | timer:WakeSystem | timer:RemainAfterElapse) ;;
    unit:Type | unit:KillMode | unit:StandardInput | unit:StandardOutput | unit:StandardError) ;;
    unit:Environment | unit:WorkingDirectory | unit:TimeoutStopSec | unit:Description) ;;
    unit:IgnoreSIGPIPE | unit:SendSIGKILL | unit:OOMScoreAdjust | unit:SyslogIdentifier) ;;
    *) fail "Cannot set property ${2%%=*}, or unknown property." ;;
  esac
}
unit='' delay='' collect='' scope=''
while [ $# -gt 0 ]; do
  case $1 in
    --unit=?*) unit=${1#*=} ;;
    --unit | -u) unit=$2; shift ;;
    --description=*) ;;
    --slice=?*) ;;
    --property=*) property unit "${1#*=}" ;;
    -p) property unit "$2"; shift ;;
    --timer-property=*) property timer "${1#*=}" ;;
    --on-active=*) delay=$(seconds "${1#*=}") || exit 1 ;;
    --on-active) delay=$(seconds "$2") || exit 1; shift ;;
    --service-type=*) property unit "Type=${1#*=}" ;;
    --setenv=*=*) ;;
    --no-block) since 220 "$1" ;;
    --quiet | -q) since 220 "$1" ;;
    --no-ask-password) since 226 "$1" ;;
    --collect | -G) since 236 "$1"; collect=yes ;;
    --working-directory=*) since 240 "$1" ;;
    --scope) scope=yes ;;
    --remain-after-exit | -r) ;;
    --) shift; break ;;
    -?*) fail "systemd-run: unrecognized option '$1'" ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || fail 'Command line to execute required.'
[ -z "$scope" ] || fail 'The emulated systemd-run has no scopes: the command would stay in the caller.'
case $unit in '') fail 'The emulated systemd-run wants --unit=.' ;; *[!A-Za-z0-9:_.@-]*) fail "Failed to mangle unit name: $unit" ;; esac
command -v "$1" >/dev/null 2>&1 || fail "Failed to find executable $1: No such file or directory"
for argument in "$@"; do
  case $argument in *\$*) fail "The emulated systemd-run refuses a dollar sign in: $argument" ;; esac
done
[ ! -e "$guest/units/$unit" ] ||
  fail "Failed to start transient timer unit: Unit $unit.timer was already loaded or has a fragment file."
mkdir -p "$guest/units/$unit"
printf '%s\0' "$@" >"$guest/units/$unit/command"
[ -z "$collect" ] || : >"$guest/units/$unit/collect"
printf '%s\n' "${delay:-0}" >"$guest/units/$unit/delay"
echo dead >"$guest/units/$unit/service"
echo waiting >"$guest/units/$unit/timer"
if [ -n "$delay" ]; then
  { echo "Running timer as unit: $unit.timer"; echo "Will run service as unit: $unit.service"; } >&2
else
  echo "Running as unit: $unit.service" >&2
fi
