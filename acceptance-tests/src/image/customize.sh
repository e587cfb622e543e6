# Turns a plain Debian root filesystem into a lab host. Runs once, in the root of the new image, when the image is built.

# --- accounts: root, one that may use sudo for exactly what the engine needs, and one that may nothing
# Debian has a group of that name.
useradd --create-home --gid operator --shell /bin/bash operator
useradd --create-home --shell /bin/bash viewer
# A password of `*` refuses passwords without locking the account, so keys work; `!` would lock it for some PAM set-ups.
usermod --password '*' operator
usermod --password '*' viewer
cat >/etc/sudoers.d/lab <<'SUDOERS'
operator ALL=(root) NOPASSWD: /usr/local/bin/nmstatectl, /usr/bin/systemd-stdio-bridge
SUDOERS
chmod 0440 /etc/sudoers.d/lab

# --- SSH: the lab's key for every account; penalties would punish a test's many quick connections
cat >/etc/ssh/sshd_config.d/lab.conf <<'SSHD'
AuthorizedKeysFile /etc/ssh/lab_authorized_keys .ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
PerSourcePenalties no
MaxStartups 100
UseDNS no
SSHD
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
echo 'SSHD_OPTS="-E /run/lab/sshd.log"' >/etc/default/ssh

# --- nmstatectl behind a wrapper that notes each call, so that tests can count what the product asked for
mkdir -p /usr/local/lib/lab
mv /usr/local/bin/nmstatectl /usr/local/lib/lab/nmstatectl
cat >/usr/local/bin/nmstatectl <<'WRAPPER'
#!/bin/sh
echo "$*" 2>/dev/null >>/run/lab/nmstatectl.log
exec /usr/local/lib/lab/nmstatectl "$@"
WRAPPER
chmod 0755 /usr/local/bin/nmstatectl
cat >/etc/tmpfiles.d/lab.conf <<'TMPFILES'
d /run/lab 0755 root root
f /run/lab/nmstatectl.log 0666 root root
f /run/lab/sshd.log 0644 root root
TMPFILES

# --- NetworkManager: no polkit here, and no profiles that nobody asked for
cat >/etc/NetworkManager/conf.d/lab.conf <<'NM'
[main]
auth-polkit=false
no-auto-default=*
NM

# --- a boot without what a lab host does not need
: >/etc/resolv.conf
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id
echo '/dev/vda / ext4 rw,noatime 0 1' >/etc/fstab
systemctl enable ssh.service NetworkManager.service
# D-Bus starts the supplicant when NetworkManager asks for it.
systemctl disable NetworkManager-wait-online.service wpa_supplicant.service
systemctl mask getty@tty1.service serial-getty@ttyS0.service getty-static.service systemd-udev-settle.service \
    apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer \
    systemd-tmpfiles-clean.timer sshd-keygen.service ssh.socket modprobe@drm.service
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /usr/share/doc/* /usr/share/man/* /usr/share/locale/*
