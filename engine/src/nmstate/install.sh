# The agent comes on the input. A socket has no name that could be opened, a pipe has.
cat | privileged install -D -m 755 /proc/self/fd/0 "$place/nmstatectl" &&
    privileged ln -sfn nmstatectl "$place/systemd-stdio-bridge" </dev/null
