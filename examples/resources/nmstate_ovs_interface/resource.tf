# The host's own port on an Open vSwitch bridge that names it among its ports.
resource "nmstate_ovs_interface" "internal" {
  name       = "host0"
  controller = "br-ex"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}
