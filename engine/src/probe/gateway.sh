# $1: 4 or 6, $2: seconds. The default gateways of the main table, and whether they answer.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
routes=$(ip -"$1" route show default table main) || exit 3
if [ -z "$routes" ]; then
    echo none
    exit 0
fi
printf '%s\n' "$routes" | {
    asked=0
    while read -r line; do
        gateway=
        device=
        previous=
        for word in $line; do
            case $previous in
            via) gateway=$word ;;
            dev) device=$word ;;
            esac
            # `via inet6 fe80::1` names the family first.
            if [ "$previous" != via ] || { [ "$word" != inet6 ] && [ "$word" != inet ]; }; then
                previous=$word
            fi
        done
        [ -n "$gateway" ] || continue
        asked=1
        case $gateway in *:*) family=6 ;; *) family=4 ;; esac
        if command -v ping >/dev/null 2>&1 &&
            ping -"$family" -n -c 1 -W "$2" -I "$device" "$gateway" >/dev/null 2>&1; then
            continue
        fi
        # A gateway may not answer pings, but it has answered who it is.
        case $(ip -"$family" neigh show "$gateway" dev "$device") in
        *FAILED* | *INCOMPLETE*) ;;
        *lladdr*) continue ;;
        esac
        echo "silent $gateway"
        exit 0
    done
    # A default route without a gateway (a point-to-point link) has nobody to ask.
    if [ "$asked" = 1 ]; then echo answers; else echo none; fi
}
