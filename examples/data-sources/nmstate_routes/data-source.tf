# The default routes in effect, those from DHCP among them.
data "nmstate_routes" "default" {
  destination = "0.0.0.0/0"
  table_id    = 254
}

output "gateways" {
  value = data.nmstate_routes.default.routes[*].next_hop_address
}

# The static routes over one interface.
data "nmstate_routes" "static" {
  next_hop_interface = "eth1"
  running_config     = true
}

output "static_routes" {
  value = data.nmstate_routes.static.routes[*].destination
}
