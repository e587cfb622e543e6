# $1: the directory's name, $2: how many tenths of a second to wait for the result.
turns=0
refused=
while :; do
    directory=
    for base in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp; do
        if [ -n "$base" ] && [ -d "$base/$1" ]; then directory=$base/$1; fi
    done
    if [ -z "$directory" ] && [ -n "$refused" ]; then
        echo none
        exit 0
    fi
    if [ -z "$directory" ]; then
        # One that comes now sees this; one that did not see it has a directory by the next look.
        for base in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp; do
            if [ -n "$base" ]; then mkdir -m 700 "$base/$1.refused" 2>/dev/null; fi
        done
        refused=yes
        continue
    fi
    if [ -e "$directory/status" ]; then break; fi
    if [ "$turns" -ge "$2" ]; then
        echo pending
        exit 0
    fi
    sleep 0.1
    turns=$((turns + 1))
done
printf 'status %s\n' "$(cat "$directory/status")"
cat "$directory/output"
cat "$directory/log" >&2
