# A second address on the network of a NIC, with a hardware address of its own.
resource "nmstate_mac_vlan" "service" {
  name       = "service0"
  base_iface = "eth0"
  mode       = "bridge"
  ipv4 = {
    enabled = true
    dhcp    = true
  }
}
