privileged systemd-stdio-bridge
