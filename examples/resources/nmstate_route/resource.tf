resource "nmstate_route" "branch" {
  destination        = "198.51.100.0/24"
  next_hop_interface = "eth0"
  next_hop_address   = "192.0.2.254"
  metric             = 150
}
