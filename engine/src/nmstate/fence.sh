# $1: a process, $2: its start, $3: the boot that both count in.
[ "$(cat /proc/sys/kernel/random/boot_id)" = "$3" ] || exit 0
stat=$(cat "/proc/$1/stat" 2>/dev/null) || exit 0
process=$1
start=$2
# shellcheck disable=SC2086
set -- ${stat##*) }
[ "${20}" != "$start" ] || kill -KILL "$process"
