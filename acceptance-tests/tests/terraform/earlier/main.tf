resource "nmstate_linux_bridge" "guests" {
  name    = "br0"
  port    = [{ name = "eth1" }]
  options = { stp = { enabled = false } }
}

resource "nmstate_ethernet" "uplink" {
  name = "eth2"
  mtu  = 1400
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.173", prefix_length = 24 }, { ip = "203.0.113.7", prefix_length = 24 }]
  }
}

resource "nmstate_route" "branch" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_ethernet.uplink.name
  next_hop_address   = "192.0.2.254"
  metric             = 150
}

resource "nmstate_route_rule" "branch" {
  ip_from     = "203.0.113.0/24"
  priority    = 1100
  route_table = 200
}

resource "nmstate_state" "whole" {
  desired = {
    interfaces = [{
      name  = "eth3"
      type  = "ethernet"
      state = "up"
      mtu   = 1300
    }]
  }
}
