# $1: the runner's script, $2 and $3: its first words, $4: a name nobody else uses, then: options
# of `nmstatectl apply`.
runner=$1
mode=$2
password=$3
name=$4
shift 4
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
setsid sh -c "$runner" sh "$mode" "$password" "$directory" "$@" <&3 3<&- >/dev/null 2>&1 &
exec 3<&- </dev/null
wait
if [ ! -e "$directory/status" ]; then
    echo 'the apply left no result' >&2
    exit 1
fi
printf 'status %s\n' "$(cat "$directory/status")"
cat "$directory/output"
cat "$directory/log" >&2
