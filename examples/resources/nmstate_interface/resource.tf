# Any interface, here a NIC that is there already. Its own section, if it has one, is an attribute.
resource "nmstate_interface" "uplink" {
  name = "eth0"
  type = "ethernet"
  mtu  = 9000
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.10", prefix_length = 24 }]
  }
}
