# $1: the runner's script, $2 and $3: its first words, $4: seconds, $5: a name nobody else uses.
directory=
for base in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp; do
    if [ -n "$base" ] && mkdir -m 700 "$base/$5" 2>/dev/null; then
        directory=$base/$5
        break
    fi
done
if [ -z "$directory" ]; then
    echo 'no place for the result of an apply' >&2
    exit 1
fi
# A background command reads /dev/null unless its input is another descriptor.
exec 3<&0
setsid sh -c "$1" sh "$2" "$3" "$4" "$directory" <&3 3<&- >/dev/null 2>&1 &
exec 3<&- </dev/null
wait
if [ ! -e "$directory/status" ]; then
    echo 'the apply left no result' >&2
    exit 1
fi
printf 'status %s\n' "$(cat "$directory/status")"
cat "$directory/output"
cat "$directory/log" >&2
