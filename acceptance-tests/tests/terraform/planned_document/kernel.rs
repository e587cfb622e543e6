//! Interfaces that the kernel of a host cannot make. Which modules a kernel lacks no lab can choose, so
//! the list of them is a fake.

use acceptance_tests::terraform::Version;
use anyhow::{Result, ensure};

use super::super::{Scenario, each_version};
use super::block;

/// A list of modules with bonds and without rings.
const FAKE_MODULES: &str = "
modules=/lib/modules/$(uname -r)
mkdir -p $modules
echo 'kernel/drivers/net/bonding/bonding.ko.xz:' >$modules/modules.dep
echo 'kernel/net/802/stp.ko' >$modules/modules.builtin
";

each_version!(fake_modules);

/// Each front door says so at plan, at its place, and nothing of what the kernel has is refused.
fn fake_modules(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "plankernel")?;
    scenario.host.shell(FAKE_MODULES)?;
    let ring =
        "hsr = { port1 = \"eth1\", port2 = \"eth2\", multicast_spec = 7, protocol = \"hsr\" }";
    let flat = ring.trim_start_matches("hsr = { ").trim_end_matches(" }").replace(", ", "\n  ");
    let document = "{interfaces: [{name: hsr0, type: hsr, hsr: {port1: eth1, port2: eth2, \
                    multicast-spec: 7, protocol: hsr}}]}";
    let typed = format!("resource \"nmstate_hsr\" \"this\" {{\n  name = \"hsr0\"\n  {flat}\n}}\n");
    let any = format!(
        "resource \"nmstate_interface\" \"this\" {{\n  name = \"hsr0\"\n  type = \"hsr\"\n  {ring}\n}}\n"
    );
    let whole = block(&format!("<<-YAML\n{document}\nYAML\n"));
    for (configuration, place) in [(typed, "name"), (any, "type"), (whole, "desired")] {
        scenario.configure(&configuration)?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        let said = "the kernel of the host makes no interface of type `hsr`";
        for word in [said, "the module `hsr`", place] {
            ensure!(error.contains(word), "`{word}` is missing in: {error}");
        }
    }
    scenario.configure(
        "resource \"nmstate_bond\" \"this\" {\n  name = \"bond0\"\n  mode = \"active-backup\"\n  \
         port = [\"eth1\"]\n}\n",
    )?;
    scenario.workspace.run(["plan"])?.succeeded()?;
    Ok(())
}
