# $1: never or automatic, $2: `password` when the first line of the input is one for sudo.
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
shift 2

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
