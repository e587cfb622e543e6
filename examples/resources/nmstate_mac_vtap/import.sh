terraform import nmstate_mac_vtap.guest guest0
