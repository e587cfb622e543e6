//! How a fault is put in, and how it is taken away again.

use std::net::Ipv4Addr;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::subject::{Subject, printed};
use super::table::{Cell, Change, Fault, Step};
use super::timeout;
use crate::Host;
use crate::process::provider_of;
use crate::record::Kind;

/// The space that NetworkManager's profiles have on a host whose /etc is to be full.
const ROOM: &str = "256k";
const PROFILES: &str = "/etc/NetworkManager/system-connections";

/// A change of the address is made by nmstate within seconds.
const MOVE_LIMIT: Duration = Duration::from_secs(10);

/// A fault that is in.
pub(super) struct Injected {
    fault: Fault,
    /// When it was put in.
    pub(super) at: Instant,
    second: Option<Child>,
}

/// What the host needs before the run so that the fault can be put in later.
pub(super) fn make_ready(subject: &Subject, fault: Fault) -> Result<()> {
    let script = match fault {
        Fault::EtcFull => format!(
            "cp -a {PROFILES} /run/profiles; mount -t tmpfs -o size={ROOM},mode=0700 tmpfs {PROFILES}; \
             cp -a /run/profiles/. {PROFILES}/; rm -r /run/profiles; nmcli connection reload"
        ),
        // What a namespace host has there is half of this machine's memory.
        Fault::RunFull if subject.place.kind == Kind::Namespace => {
            "mount -o remount,size=16m /run".to_owned()
        }
        Fault::LinkCut
        | Fault::LinkCut10s
        | Fault::SshReset
        | Fault::SshdStopped5s
        | Fault::ProviderKilled
        | Fault::ProviderInterrupted
        | Fault::NmstatectlKilled
        | Fault::NetworkManagerRestart
        | Fault::HostReboot
        | Fault::PowerLoss
        | Fault::RunFull
        | Fault::ClockJump
        | Fault::ForeignCheckpoint
        | Fault::SecondRun
        | Fault::PacketLoss => return Ok(()),
    };
    subject.host.shell(&script).map(drop)
}

/// Puts the fault in.
pub(super) fn inject(subject: &Subject, cell: Cell, terraform: &Child) -> Result<Injected> {
    let host = &subject.host;
    let fault = cell.fault;
    let at = Instant::now();
    let mut second = None;
    let shell = |script: &str| host.shell(script).map(drop);
    match fault {
        Fault::LinkCut | Fault::LinkCut10s => host.cut()?,
        Fault::SshReset => shell("pkill -KILL -f '^sshd-(session|auth)' || :")?,
        // The oldest is the one that listens.
        Fault::SshdStopped5s => shell("pkill -STOP -o -x sshd")?,
        Fault::ProviderKilled => kill_process(provider_of(terraform.id())?, Signal::KILL)?,
        Fault::ProviderInterrupted => kill_process(Pid::from_child(terraform), Signal::INT)?,
        Fault::NmstatectlKilled => shell("pkill -KILL -x nmstatectl || :")?,
        Fault::NetworkManagerRestart => match subject.place.kind {
            // What ends is started again there after a second.
            Kind::Namespace => shell("pkill -TERM -x NetworkManager")?,
            Kind::Vm => shell("systemctl restart NetworkManager")?,
        },
        Fault::HostReboot => {
            host.reboot()?;
            ensure!(subject.wait_for_login(at + host.limits().start)?, "no login after the boot");
        }
        Fault::PowerLoss => {
            host.lose_power()?;
            ensure!(subject.wait_for_login(at + host.limits().start)?, "no login after the boot");
        }
        Fault::EtcFull => shell(&format!("dd if=/dev/zero of={PROFILES}/.filler bs=4k 2>&1 || :"))?,
        Fault::RunFull => shell("dd if=/dev/zero of=/run/filler bs=64k 2>&1 || :")?,
        Fault::ClockJump => shell("date --utc --set='+1 hour'")?,
        Fault::ForeignCheckpoint => shell(
            "busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
             org.freedesktop.NetworkManager CheckpointCreate aouu 0 8 0 2>&1 || :",
        )?,
        Fault::SecondRun => {
            let eth3 = json!({ "name": "eth3", "type": "ethernet", "state": "up", "mtu": 1400 });
            let document = json!({ "interfaces": [eth3] });
            second = Some(subject.start_second(&document, address_of_second(subject, cell)?)?);
        }
        Fault::PacketLoss => {
            let interface = subject.place.interface;
            shell(&format!("tc qdisc add dev {interface} root netem delay 200ms loss 5%"))?;
        }
    }
    Ok(Injected { fault, at, second })
}

/// Where a second run goes to: it knows about a move that has begun.
fn address_of_second(subject: &Subject, cell: Cell) -> Result<Ipv4Addr> {
    if cell.change != Change::ManagementAddress || cell.step == Step::BeforeApply {
        return Ok(subject.place.address);
    }
    let address = subject.place.new_address;
    let has_moved = subject.wait_for_login_at(address, Instant::now() + MOVE_LIMIT)?;
    ensure!(has_moved, "the host did not move to {address}");
    Ok(address)
}

impl Injected {
    /// How long it lasts by itself; `None` for one that lasts until the run has ended, or is over
    /// at once.
    pub(super) fn lasts(&self, host: &Host) -> Option<Duration> {
        match self.fault {
            Fault::LinkCut => Some(Duration::from_secs(timeout(host) + 15)),
            Fault::LinkCut10s => Some(Duration::from_secs(10)),
            Fault::SshdStopped5s => Some(Duration::from_secs(5)),
            Fault::SshReset
            | Fault::ProviderKilled
            | Fault::ProviderInterrupted
            | Fault::NmstatectlKilled
            | Fault::NetworkManagerRestart
            | Fault::HostReboot
            | Fault::PowerLoss
            | Fault::EtcFull
            | Fault::RunFull
            | Fault::ClockJump
            | Fault::ForeignCheckpoint
            | Fault::SecondRun
            | Fault::PacketLoss => None,
        }
    }

    /// Whether the host itself is in order while the fault lasts, so that it has to go back without
    /// anybody's help.
    pub(super) fn leaves_host_alone(&self) -> bool {
        self.fault == Fault::LinkCut
    }

    /// Takes it away.
    pub(super) fn relieve(&mut self, subject: &Subject) -> Result<()> {
        let host = &subject.host;
        let script = match self.fault {
            Fault::LinkCut | Fault::LinkCut10s => return host.restore(),
            Fault::SshdStopped5s => "pkill -CONT -o -x sshd || :",
            Fault::EtcFull => &format!("rm -f {PROFILES}/.filler"),
            Fault::RunFull => "rm -f /run/filler",
            Fault::PacketLoss => {
                &format!("tc qdisc del dev {} root netem || :", subject.place.interface)
            }
            Fault::SecondRun => {
                let second = self.second.take().context("the second run was started")?;
                let run = printed(second)?;
                ensure!(run.status == 0, "the second run failed: {}", run.stderr);
                let mtu = host.shell("cat /sys/class/net/eth3/mtu")?;
                ensure!(mtu.trim() == "1400", "the second run's change is not there: {mtu}");
                // What it did is no part of the comparison.
                "nmcli -g uuid,device connection | grep ':eth3$' | cut -d: -f1 | \
                 xargs -r nmcli connection delete >/dev/null; ip link set eth3 mtu 1500"
            }
            Fault::SshReset
            | Fault::ProviderKilled
            | Fault::ProviderInterrupted
            | Fault::NmstatectlKilled
            | Fault::NetworkManagerRestart
            | Fault::HostReboot
            | Fault::PowerLoss
            | Fault::ClockJump
            | Fault::ForeignCheckpoint => return Ok(()),
        };
        host.shell(script).map(drop)
    }
}
