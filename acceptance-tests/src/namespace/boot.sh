# First process of a namespace host. Runs in new mount, pid and uts namespaces and in the host's network namespace, as root.
# Environment: LOWER (root filesystem), STORE (directory of this host), HOST, MANAGEMENT (address/prefix), NETWORKMANAGER (1 or 0).
set -eu
root=$STORE/root
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$STORE/upper,workdir=$STORE/work" "$root"
# Files of this host alone; only once, so that a reboot does not undo what was changed since.
if [ -f "$STORE/first-boot.sh" ]; then
    (cd "$STORE" && sh -eu first-boot.sh)
    rm -r "$STORE/first-boot.sh" "$STORE/seed"
fi
mount -t proc proc "$root/proc"
# Read-only: there is no udev here, and with a writable /sys NetworkManager waits for udev on every link.
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
mkdir "$root/dev/net" "$root/dev/pts" "$root/dev/shm"
chmod 1777 "$root/dev/shm"
for device in null zero full random urandom tty net/tun; do
    [ -e "/dev/$device" ] || continue
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
cd "$root"
exec chroot . /bin/sh -eu -c '
hostname "$HOST"
mkdir -p /run/dbus /run/sshd /run/lab
: >/run/lab/nmstatectl.log
: >/run/lab/sshd.log
chmod 0666 /run/lab/nmstatectl.log
ip link set lo up
if [ -n "$MANAGEMENT" ]; then
    ip address add "$MANAGEMENT" dev mgmt0
    ip link set mgmt0 up
fi
dbus-daemon --system --fork --nopidfile
# As systemd would: what ends is started again. The shell stays as process 1 and reaps orphans.
if [ "$NETWORKMANAGER" = 1 ]; then
    while :; do NetworkManager --no-daemon >>/run/lab/networkmanager.log 2>&1 || :; sleep 1; done &
fi
while :; do /usr/sbin/sshd -D -E /run/lab/sshd.log || :; sleep 1; done
'
