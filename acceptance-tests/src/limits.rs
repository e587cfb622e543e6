//! How long a host may take before it counts as one that hangs.
//!
//! A namespace host mostly waits, so its limits are fixed. A VM host computes, and where KVM does not
//! work it does so at a speed that differs from machine to machine. Its limits are multiples of what
//! the machine needed for the boot of the template, which is noted beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a VM host was measured to need on this machine, with whatever else ran there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Seconds of a boot, until sshd and NetworkManager answer.
    pub(crate) boot: f32,
    /// Seconds of the first login after it.
    pub(crate) login: f32,
}

/// How long to wait for one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A start, a reboot or a reset.
    pub start: Duration,
    /// An SSH login.
    pub login: Duration,
    /// An answer of the guest agent.
    pub(crate) agent: Duration,
    /// A command to QEMU; to save and to load the whole machine takes longest.
    pub(crate) qemu: Duration,
    /// A run of Terraform with one change. nmstate retries an activation for about 126 s.
    pub(crate) run: Duration,
    /// T of a transaction on a VM host: the change and a new login have to fit in.
    pub transaction: Duration,
}

impl Limits {
    /// Where nothing is measured: on namespace hosts, and before the template has booted.
    pub(crate) const FIXED: Limits = Limits {
        start: Duration::from_secs(300),
        login: Duration::from_secs(10),
        agent: Duration::from_secs(10),
        qemu: Duration::from_secs(120),
        run: Duration::from_secs(300),
        transaction: Duration::from_secs(30),
    };
    /// The boot that is measured. Nobody knows the machine yet.
    pub(crate) const FIRST_BOOT: Limits = Limits {
        start: Duration::from_secs(1200),
        login: Duration::from_secs(120),
        agent: Duration::from_secs(60),
        ..Limits::FIXED
    };

    /// The multiples leave room for other work on the machine. What is waited for besides, such as
    /// NetworkManager's timers, takes the same everywhere, so no limit is below the fixed one.
    pub(crate) fn of(measured: Measured) -> Limits {
        let boots = |times: f32| Duration::from_secs_f32(measured.boot * times);
        let logins = |times: f32| Duration::from_secs_f32(measured.login * times);
        let fixed = Limits::FIXED;
        Limits {
            start: boots(8.0).max(fixed.start),
            login: logins(6.0).max(fixed.login),
            agent: logins(10.0).max(fixed.agent),
            qemu: boots(4.0).max(fixed.qemu),
            run: fixed.run + boots(8.0),
            transaction: logins(15.0).max(fixed.transaction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_machine_has_more_time_and_none_has_less_than_the_fixed() {
        let [fast, slow] =
            [(8.0, 0.2), (90.0, 6.0)].map(|(boot, login)| Limits::of(Measured { boot, login }));
        let parts = |limits: Limits| {
            let Limits { start, login, agent, qemu, run, transaction } = limits;
            [start, login, agent, qemu, run, transaction]
        };
        for ((fast, slow), fixed) in
            parts(fast).into_iter().zip(parts(slow)).zip(parts(Limits::FIXED))
        {
            assert!(fixed <= fast && fast < slow, "{fixed:?} {fast:?} {slow:?}");
        }
    }
}
