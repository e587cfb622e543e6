# What comes from the second uplink's address leaves by the second uplink.
resource "nmstate_route_rule" "second_uplink" {
  ip_from     = "203.0.113.0/24"
  route_table = 200
  priority    = 1000
}

resource "nmstate_route" "second_uplink" {
  destination        = "0.0.0.0/0"
  next_hop_interface = "eth1"
  next_hop_address   = "203.0.113.254"
  table_id           = nmstate_route_rule.second_uplink.route_table
}
