choose_bridge
privileged "$bridge"
