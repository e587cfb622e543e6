# In a session of its own: the end of the SSH connection does not concern it.
# $1: seconds until NetworkManager undoes the change, $2: the directory for the result.
trap '' HUP
umask 077
document=$(cat)
mark='
# end of document'
case $document in
*"$mark")
    printf '%s\n' "${document%"$mark"}" |
        privileged nmstatectl apply --no-commit --timeout "$1" >"$2/output" 2>"$2/log"
    status=$?
    ;;
*)
    : >"$2/output"
    echo 'the document arrived incomplete: nothing was applied' >"$2/log"
    status=incomplete
    ;;
esac
echo "$status" >"$2/status.new"
mv "$2/status.new" "$2/status"
# Whoever is to read the result may be gone for good.
(
    turns=0
    while [ -d "$2" ] && [ "$turns" -lt 300 ]; do
        sleep 2
        turns=$((turns + 1))
    done
    rm -rf "$2"
) &
