terraform import nmstate_route_rule.second_uplink 1000
terraform import nmstate_route_rule.second_uplink 1000,ipv4,203.0.113.0/24
# On another host than the provider's own
terraform import nmstate_route_rule.second_uplink server2,1000
