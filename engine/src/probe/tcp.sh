# $1: an address, $2: a port, $3: seconds. Whatever the host has that opens a TCP connection.
if command -v python3 >/dev/null 2>&1; then
    exec python3 -c 'import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])).close()
except OSError as cause:
    sys.exit(str(cause))' "$1" "$2" "$3"
fi
if command -v bash >/dev/null 2>&1; then
    # shellcheck disable=SC2016
    exec timeout "$3" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"
fi
if command -v nc >/dev/null 2>&1; then
    exec nc -z -w "$3" "$1" "$2"
fi
echo 'the host has none of python3, bash and nc' >&2
exit 3
