# A port on the network of a NIC for a virtual machine.
resource "nmstate_mac_vtap" "guest" {
  name        = "guest0"
  base_iface  = "eth0"
  mode        = "bridge"
  mac_address = "02:00:00:00:00:01"
}
