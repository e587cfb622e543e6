# In a session of its own: the end of the SSH connection does not concern it.
# $1: the directory for the result, then: options of `nmstatectl apply`.
trap '' HUP
umask 077
directory=$1
shift
document=$(cat)
mark='
# end of document'
case $document in
*"$mark")
    if choose >"$directory/output"; then
        printf '%s\n' "${document%"$mark"}" |
            privileged "$nmstatectl" apply "$@" >"$directory/output" 2>"$directory/log"
        status=$?
    else
        echo 'the program is not on the host any more: nothing was applied' >"$directory/log"
        status=lacking
    fi
    ;;
*)
    : >"$directory/output"
    echo 'the document arrived incomplete: nothing was applied' >"$directory/log"
    status=incomplete
    ;;
esac
echo "$status" >"$directory/status.new"
mv "$directory/status.new" "$directory/status"
# Whoever is to read the result may be gone for good.
(
    turns=0
    while [ -d "$directory" ] && [ "$turns" -lt 300 ]; do
        sleep 2
        turns=$((turns + 1))
    done
    rm -rf "$directory"
) &
