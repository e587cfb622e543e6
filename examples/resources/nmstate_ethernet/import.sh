terraform import nmstate_ethernet.uplink eth0
