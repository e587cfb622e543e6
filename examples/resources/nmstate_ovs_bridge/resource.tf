# An Open vSwitch bridge with a NIC and the port of the host itself.
resource "nmstate_ovs_bridge" "provider" {
  name = "br-ex"
  port = [{ name = "eth1" }, { name = "host0" }]
}

resource "nmstate_ovs_interface" "host" {
  name       = "host0"
  controller = nmstate_ovs_bridge.provider.name
}
