# $1: a name nobody else uses, $2: the runner's script, $3 to $6: the words of its prelude, then:
# options of `nmstatectl apply`.
name=$1
runner=$2
mode=$3
password=$4
engine=$5
agents=$6
shift 6
directory=
for base in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp; do
    if [ -n "$base" ] && mkdir -m 700 "$base/$name" 2>/dev/null; then
        # A full file system takes a directory, but not the result.
        if head -c 262144 /dev/zero 2>/dev/null >"$base/$name/space"; then
            rm -f "$base/$name/space"
            directory=$base/$name
            break
        fi
        rm -rf "${base:?}/${name:?}"
    fi
done
# Somebody has come back for the result before this arrived, and was told that there is none.
for base in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp; do
    if [ -n "$base" ] && [ -d "$base/$name.refused" ]; then
        rm -rf "${directory:-/nonexistent}"
        echo 'too late' >&2
        exit 1
    fi
done
if [ -z "$directory" ]; then
    echo 'no place for the result of an apply' >&2
    exit 1
fi
# A background command reads /dev/null unless its input is another descriptor.
exec 3<&0
setsid sh -c "$runner" sh "$mode" "$password" "$engine" "$agents" "$directory" "$@" <&3 3<&- >/dev/null 2>&1 &
exec 3<&- </dev/null
wait
if [ ! -e "$directory/status" ]; then
    echo 'the apply left no result' >&2
    exit 1
fi
printf 'status %s\n' "$(cat "$directory/status")"
cat "$directory/output"
cat "$directory/log" >&2
