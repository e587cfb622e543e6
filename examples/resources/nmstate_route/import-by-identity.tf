import {
  to = nmstate_route.branch
  identity = {
    destination        = "198.51.100.0/24"
    next_hop_interface = "eth0"
    next_hop_address   = "192.0.2.254"
    table_id           = 254
  }
}
