import {
  to = nmstate_route_rule.second_uplink
  identity = {
    priority    = 1000
    family      = "ipv4"
    ip_from     = "203.0.113.0/24"
    route_table = 200
  }
}
