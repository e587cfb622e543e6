# A layer 2 network between two hosts.
resource "nmstate_vxlan" "overlay" {
  name             = "vxlan7"
  base_iface       = "eth0"
  id               = 7
  local            = "192.0.2.10"
  remote           = "192.0.2.20"
  destination_port = 4789
}
