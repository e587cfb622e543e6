terraform import nmstate_vlan.storage bond0.100
