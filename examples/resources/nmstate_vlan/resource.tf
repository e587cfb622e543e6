resource "nmstate_vlan" "storage" {
  name       = "bond0.100"
  base_iface = "bond0"
  id         = 100
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}
