terraform import nmstate_bond.uplink bond0
