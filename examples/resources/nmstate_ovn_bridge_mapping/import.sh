terraform import nmstate_ovn_bridge_mapping.physical physnet1
# On another host than the provider's own
terraform import nmstate_ovn_bridge_mapping.physical server2,physnet1
