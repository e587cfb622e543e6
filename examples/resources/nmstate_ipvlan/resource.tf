# A second address behind the hardware address of a NIC, where the switch allows only one.
resource "nmstate_ipvlan" "service" {
  name       = "service0"
  base_iface = "eth0"
  mode       = "l3"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "198.51.100.1", prefix_length = 32 }]
  }
}
