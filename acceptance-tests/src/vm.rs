//! VM hosts.
use std::net::Ipv4Addr;

use anyhow::{Result, bail};

use crate::host::{Backend, ExecOutput};
use crate::lab::Site;
use crate::record::Record;

/// Starts and ends VM hosts.
#[derive(Debug)]
pub(crate) struct Vm;

impl Backend for Vm {
    fn start(&self, _site: &Site, _record: &mut Record) -> Result<()> {
        bail!("VM hosts are not there yet")
    }
    fn stop(&self, _site: &Site, _record: &mut Record) -> Result<()> {
        Ok(())
    }
    fn reset(&self, _site: &Site, _record: &mut Record) -> Result<()> {
        bail!("VM hosts are not there yet")
    }
    fn reboot(&self, _site: &Site, _record: &mut Record) -> Result<()> {
        bail!("VM hosts are not there yet")
    }
    fn set_link(&self, _site: &Site, _record: &Record, _up: bool) -> Result<()> {
        bail!("VM hosts are not there yet")
    }
    fn exec(&self, _s: &Site, _r: &Record, _argv: &[&str], _input: &[u8]) -> Result<ExecOutput> {
        bail!("VM hosts are not there yet")
    }
    fn management_address(&self, _record: &Record) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 2, 15)
    }
}
