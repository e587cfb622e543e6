terraform import nmstate_loopback.lo lo
