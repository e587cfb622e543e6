terraform import nmstate_interface.uplink eth0
# On another host than the provider's own
terraform import nmstate_interface.uplink server2,eth0
# On another host than the provider's own, with its type where two share a name
terraform import nmstate_interface.uplink server2,eth0,ethernet
