resource "nmstate_ethernet" "uplink" {
  name = "eth1"
  mtu  = 9000
}
