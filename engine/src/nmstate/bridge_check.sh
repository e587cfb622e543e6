choose_bridge
privileged "$bridge" --version </dev/null >/dev/null
