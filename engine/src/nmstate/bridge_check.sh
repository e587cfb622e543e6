privileged systemd-stdio-bridge --version </dev/null >/dev/null
