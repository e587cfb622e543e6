# An Open vSwitch bridge over a NIC.
resource "nmstate_ovs_bridge" "provider" {
  name = "br-ex"
  port = [{ name = "eth1" }]
}
