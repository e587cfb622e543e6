terraform import nmstate_vrf.management vrf0
