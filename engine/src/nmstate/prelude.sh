# $1: never or automatic, $2: `password` when the first line of the input is one for sudo.
# $3: what speaks nmstate: `nmstatectl`, the `agent` that we bring along, or a version for the agent
# where `nmstatectl` is missing or older. $4: the agents at hand, each as `MACHINE:SHA256,`.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
LC_ALL=C
export PATH LC_ALL
user=$(id -u)
how=plain
if [ "$1" != never ] && [ "$user" != 0 ]; then how=sudo; fi
password=
if [ "$2" = password ]; then
    IFS= read -r password
    if [ "$how" = sudo ]; then how=password; fi
fi
engine=$3
machine=$(uname -m)
hash=
case ,$4 in
*",$machine:"*)
    hash=${4#*"$machine:"}
    hash=${hash%%,*}
    ;;
esac
place=/var/lib/nmstate-agent/$hash
nmstatectl=nmstatectl
bridge=systemd-stdio-bridge
shift 4

privileged() {
    case $how in
    plain) "$@" ;;
    sudo) sudo -n -- "$@" ;;
    password)
        # The password must reach sudo exactly when sudo reads one, or else the program would.
        if sudo -k -n -- "$1" --version </dev/null >/dev/null 2>&1; then
            sudo -k -n -- "$@"
        else
            { printf '%s\n' "$password"; cat; } | sudo -k -S -p '' -- "$@"
        fi
        ;;
    esac
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Whether the agent is there, nobody but root can change it, and it is the one that was sent.
is_intact() {
    [ -n "$hash" ] &&
        [ "$(stat -c '%u %a' "${place%/*}" "$place" "$place/nmstatectl" 2>/dev/null | uniq)" = '0 755' ] &&
        [ "$(sha256sum <"$place/nmstatectl" 2>/dev/null)" = "$hash  -" ]
}

# Whether the host's own program is the one to use.
is_own() {
    has nmstatectl || return
    case $engine in
    nmstatectl) return ;;
    agent) return 1 ;;
    esac
    [ -n "$hash" ] || return 0
    version=$(nmstatectl version 2>/dev/null)
    printf '%s\n' "$engine" "${version##* }" | sort -V -C
}

# Finds what speaks nmstate, or says what is lacking.
choose() {
    if is_own; then return; fi
    if is_intact; then
        nmstatectl=$place/nmstatectl
        return
    fi
    if [ -n "$hash" ]; then lacking=wanted; else lacking=missing; fi
    printf '%s %s\n' "$lacking" "$machine"
    return 1
}

# Finds the way to D-Bus; one that is lacking says so when it is started.
choose_bridge() {
    if [ "$engine" = agent ] || ! has "$bridge"; then
        if is_intact; then bridge=$place/systemd-stdio-bridge; fi
    fi
}
