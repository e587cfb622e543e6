//! The part of the fault suite that runs with every change: each fault once, each step and each
//! change at least once. `make faults` runs all cells.

use acceptance_tests::faults::{Cell, Change, Fault, Step, prove};
use anyhow::Result;

macro_rules! cells {
    ($($name:ident: $($fault:ident $step:ident $change:ident),+;)*) => {
        $(
            #[test]
            fn $name() -> Result<()> {
                prove(&[$(Cell {
                    fault: Fault::$fault,
                    step: Step::$step,
                    change: Change::$change,
                }),+])
            }
        )*

        #[test]
        fn nothing_is_left_out() {
            let cells: Vec<Cell> = vec![$($(Cell {
                fault: Fault::$fault,
                step: Step::$step,
                change: Change::$change,
            }),+),*];
            assert!(Fault::ALL.iter().all(|one| cells.iter().any(|cell| cell.fault == *one)));
            assert!(Step::ALL.iter().all(|one| cells.iter().any(|cell| cell.step == *one)));
            assert!(Change::ALL.iter().all(|one| cells.iter().any(|cell| cell.change == *one)));
        }
    };
}

cells! {
    link_cut: LinkCut Pending DataAddress;
    link_cut_10s: LinkCut10s DuringApply ManagementAddress;
    ssh_reset: SshReset DuringApply ManagementBridge;
    sshd_stopped: SshdStopped5s Pending Mtu;
    provider_killed: ProviderKilled Commit DefaultRoute;
    provider_interrupted: ProviderInterrupted Pending ManagementAddress;
    nmstatectl_killed: NmstatectlKilled DuringApply Removal;
    networkmanager_restart: NetworkManagerRestart Pending Removal;
    host_reboot: HostReboot Persist ManagementBridge, HostReboot Pending DataAddress;
    etc_full: EtcFull Commit DataAddress;
    between_the_writes: ProviderKilled Save ManagementBridge,
        NetworkManagerRestart Save ManagementBridge, EtcFull Save ManagementBridge;
    name_servers: ProviderKilled DuringApply NameServers, SshReset Pending NameServers,
        NetworkManagerRestart Pending NameServers, HostReboot DuringApply NameServers;
    run_full: RunFull BeforeApply Mtu;
    foreign_checkpoint: ForeignCheckpoint BeforeApply DefaultRoute;
    second_run: SecondRun BeforeApply Removal;
    // One host and few changes, because where it is emulated each costs minutes.
    vm_host: ClockJump Pending ManagementBondVlan, PacketLoss BeforeApply Mtu,
        PowerLoss Persist Mtu;
}
